# frozen_string_literal: true

require 'highlight'

module Book
  # Code, patches, what a terminal shows, and callouts.
  module ListingHtml
    def convert_listing(node)
      case node.attr 'language'
      when 'console', 'shell' then console node
      when 'diff' then patch node
      else code node
      end
    end

    # A callout is a link to its note, and the note to its callout. The digit is
    # drawn by the style sheet, so that it is never copied.
    def convert_inline_callout(node)
      %(<a class="co" id="#{node.id}" data-n="#{node.text}" href="##{node.id}-note" aria-label="Note #{node.text}"></a>)
    end

    def convert_colist(node)
      items = node.items.each_with_index.map do |item, i|
        ids = item.attr('coids', '').split
        id, back = %( id="#{ids.first}-note" data-co="#{ids.join ' '}"), callout_link(i, ids.first) if ids.any?
        %(<li#{id}>#{back}<div>#{item.text}#{item.content if item.blocks?}</div></li>)
      end
      from = node.attr?('from') ? %( style="--from:#{node.attr 'from'}") : ''
      html = %(<ol class="callouts"#{from}>#{items.join}</ol>)
      node.attr?('beside') ? "#{html}</div>" : html
    end

    private

    def callout_link(index, id)
      %(<a class="co" data-n="#{index + 1}" href="##{id}" aria-label="Line of note #{index + 1}"></a>)
    end

    def code(node)
      numbers = node.attr 'linenos'
      lines = Highlight.split(node.content.to_s).each_with_index.map do |html, i|
        Highlight.line html, numbers ? %( data-ln="#{numbers[i]}") : ''
      end
      html = frame node, %(<pre class="rouge" tabindex="0"><code#{' class="numbered"' if numbers}>#{lines.join "\n"}</code></pre>)
      node.attr?('beside') ? %(<div class="explained">#{html}) : html
    end

    def patch(node)
      html = node.lines.map do |line|
        kind = { '+' => 'l a', '-' => 'l d', '@' => 'l gap' }.fetch(line[0], 'l')
        text = kind == 'l gap' ? CGI.escapeHTML(line) : Highlight.cpp([line[1..].to_s]).join
        mark = kind == 'l gap' ? '' : CGI.escapeHTML(line[0] || ' ')
        Highlight.line mark + text, '', kind
      end
      frame node, %(<pre class="rouge patch" tabindex="0"><code>#{html.join "\n"}</code></pre>)
    end

    # `$ ` starts a command; after a backslash it goes on in the next line.
    def console(node)
      goes_on = false
      lines = node.lines.map do |line|
        command = line.start_with?('$ ') || goes_on
        kind = command ? (goes_on ? 'l cmd more' : 'l cmd') : 'l out'
        kind += ' wide' if line.size > Listings::COLUMNS # it wraps; the others keep their columns
        text = command && !goes_on ? line[2..] : line
        goes_on = command && line.end_with?('\\')
        Highlight.line CGI.escapeHTML(text), '', kind
      end
      frame node, %(<pre tabindex="0"><code>#{lines.join "\n"}</code></pre>), 'console'
    end

    def frame(node, pre, kind = nil)
      id = node.id ? %( id="#{node.id}") : ''
      classes = ['code', kind, node.role].compact.join ' '
      %(<figure class="#{classes}"#{id}>#{bar node}<div class="scroll">#{pre}</div></figure>)
    end

    # What it is called, and where it comes from.
    def bar(node)
      title = node.title? ? %(<span class="cap">#{node.title}</span>) : ''
      parts = title + (node.attr?('file') ? origin(node) : '')
      parts.empty? ? '' : %(<figcaption class="bar">#{parts}</figcaption>)
    end

    def origin(node)
      file = node.attr 'file'
      numbers = node.attr 'linenos'
      path = %(<span class="path">#{file}</span>)
      return %(<span class="src">#{path}</span>) unless numbers

      href = page(node).book.sources.href(file)
      where = numbers.size == 1 ? "line #{numbers[0]}" : "lines #{numbers.first}–#{numbers.last}"
      path += %(<span class="where">#{where}</span>)
      return %(<span class="src">#{path}</span>) unless href

      %(<a class="src" href="#{href}#L#{numbers.first}" title="The whole file, at this line">#{path}</a>)
    end
  end
end
