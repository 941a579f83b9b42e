# frozen_string_literal: true

module Book
  # Links: between pages, to the glossary, the system calls and the sources.
  module LinkHtml
    def convert_inline_anchor(node)
      return super unless node.type == :xref

      path = node.attributes['path']
      path ? page_link(node, path.sub(/\.html\z/, '.adoc')) : anchor_link(node) || super
    end

    # The first mention on a page explains itself.
    def convert_inline_term(node)
      id = node.target
      at = /term:#{Regexp.escape id}\[/
      glossary = page(node).book.glossary
      return lost(node, "no such term in the glossary: #{id}", at) unless glossary.term? id

      text = node.text.empty? ? glossary.label(id) : node.text
      href = glossary.page == page(node) ? "##{id}" : "#{glossary.page.href}##{id}"
      return %(<a class="term" href="#{href}">#{text}</a>) if glossary.page == page(node) || !page(node).first?(:term, id)

      tip = page(node).unique("tip-#{id}")
      %(<span class="term-first"><a class="term" href="#{href}" aria-describedby="#{tip}">#{text}</a><span class="tip" role="tooltip" id="#{tip}">#{glossary.definition id}</span></span>)
    end

    def convert_inline_call(node)
      call_link(node) { |_, name| "<code>#{node.text.empty? ? name : node.text}</code>" }
    end

    def convert_inline_man(node)
      call_link(node) do |section, name|
        if section && !node.text.empty? && node.text != section
          problems(node).at node, "man:#{name}[#{node.text}]: its page is #{name}(#{section})", /man:#{name}\[/
        end
        "#{name}(#{section || node.text})"
      end
    end

    def convert_inline_file(node)
      path = File.expand_path(node.target, page(node).folder).delete_prefix("#{Dir.pwd}/")
      path = node.target unless File.file? path
      href = page(node).book.sources.href(path)
      return lost(node, "no such source file: #{node.target}", /file:#{Regexp.escape node.target}\[/) unless href

      %(<a href="#{href}"><code>#{node.text.empty? ? File.basename(path) : node.text}</code></a>)
    end

    # In the glossary and the reference a labelled list gives its terms ids.
    def convert_dlist(node)
      return super unless node.style == 'glossary'

      glossary = page(node).book.glossary
      items = node.items.map do |terms, dd|
        ids = terms.map { |dt| glossary.id_of dt }
        body = "#{"<p>#{dd.text}</p>" if dd&.text?}#{dd.content if dd&.blocks?}"
        terms.each { |dt| problems(node).at dt, 'a term without an id: [[name]]word::' } if ids.none?
        problems(node).at terms.first, "a term without a definition: #{ids.first}" if body.strip.empty?
        terms.zip(ids).map { |dt, id| %(<dt#{%( id="#{id}") if id}>#{dt.text.sub(/<a id="[^"]*"><\/a>/, '')}</dt>) }.join + "<dd>#{body}</dd>"
      end
      %(<dl class="glossary">#{items.join "\n"}</dl>)
    end

    private

    def call_link(node)
      name = node.target
      calls = page(node).book.syscalls
      return lost(node, "no such entry in the system calls: #{name}", /(call|man):#{Regexp.escape name}\[/) unless calls.call? name

      text = yield calls.section(name), name
      href = calls.page == page(node) ? "##{name}" : "#{calls.page.href}##{name}"
      %(<a class="call" href="#{href}">#{text}</a>)
    end

    def page_link(node, path)
      fragment = node.attributes['fragment']
      given = node.text unless node.text == node.attributes['path']
      book = page(node).book
      source = File.expand_path(path, page(node).folder).delete_prefix("#{Dir.pwd}/")
      target = book.page_of source
      return unwritten(node, source, given, path) unless target

      return %(<a href="#{target.href}">#{given || target.title}</a>) unless fragment

      title = book.anchors.title(target, fragment)
      return lost(node, "reference to #{path}##{fragment}: no such id there", at(path, fragment)) unless title

      %(<a href="#{"#{target.href}" unless target == page(node)}##{fragment}">#{given || title}</a>)
    end

    # A chapter that comes later than all there are is still to be written.
    def unwritten(node, source, given, path)
      number = source[%r{\Achapters/(\d+)-[^/]+/chapter\.adoc\z}, 1]
      last = page(node).book.chapters.map(&:number).max || 0
      return given || "chapter #{number.to_i}" if number && number.to_i > last

      lost node, "reference to #{path}: no such page", at(path)
    end

    def at(path, fragment = nil)
      /#{Regexp.escape path}#{"##{Regexp.escape fragment}" if fragment}/
    end

    def anchor_link(node)
      id = node.attributes['refid'] || node.target.to_s.delete_prefix('#')
      return if page(node).book.anchors.title(page(node), id)

      lost node, "reference to #{id}: no such id on this page", /(<<|xref:#?)#?#{Regexp.escape id}/
    end
  end
end
