# frozen_string_literal: true

require 'cgi'
require 'highlight'
require 'snippet'

module Book
  # A page that nobody wrote: source files, differences, lists.
  Made = Struct.new(:slug, :title, :kind, :lede, :body, :parent, keyword_init: true) do
    def href = "#{slug}.html"
  end

  # The whole-file pages: all code of the chapters and of common/.
  class Sources
    attr_reader :files

    def initialize(book)
      @book = book
      @files = Dir['{chapters/*,common}/*.{hpp,cpp}'].sort | book.pages.flat_map { |page| page.shown.select { |shown| shown.numbers.any? }.map(&:file) }
    end

    def href(file) = @files.include?(file) ? "source-#{file.tr('/', '-')}.html" : nil

    def pages
      @files.map do |file|
        Made.new(slug: href(file).delete_suffix('.html'), title: file, kind: :source, parent: 'code.html',
                 lede: "The whole file, as the tests build it. #{explained file}", body: body(file))
      end
    end

    # code.html: every file and every difference.
    def index(diffs)
      folders = @files.group_by { |file| File.dirname file }
      lists = folders.sort_by { |folder, _| folder.start_with?('chapters') ? "0#{folder}" : "1#{folder}" }.map do |folder, files|
        diff = diffs.find { |page| page.slug == "diff-#{File.basename folder}" }
        change = diff ? %(<p class="change"><a href="#{diff.href}">What changed</a> #{diff.lede[%r{<span class="plus">.*?</span> <span class="minus">.*?</span>}m]}</p>) : ''
        items = files.sort_by { |file| [file.end_with?('/server.cpp') ? 0 : 1, file] }.map { |file| entry file }
        %(<section class="s1"><h2 id="#{folder.tr '/', '-'}">#{folder}/</h2>#{change}<ul class="files">#{items.join}</ul></section>)
      end
      Made.new(slug: 'code', title: 'The code', kind: :reference, body: lists.join("\n"),
               lede: 'Every file of every server, and what changes from chapter to chapter.')
    end

    private

    def entry(file)
      lines = Snippet.whole(file).lines.size
      says = File.foreach(file, chomp: true).take_while { |line| line.start_with? '//' }
                 .map { |line| line.sub(%r{\A// ?}, '') }.take_while { |line| !line.empty? }.join(' ')
      %(<li><a href="#{href file}"><code>#{File.basename file}</code></a> <span class="n">#{lines} lines</span>#{" <span>#{CGI.escapeHTML says}</span>" unless says.empty?}</li>)
    end

    def explained(file)
      links = @book.pages.filter_map do |page|
        shown = page.shown.find { |listing| listing.file == file } or next
        %(<a href="#{page.href}##{shown.node.id}">#{page.chapter? ? "chapter #{page.number}" : page.title}</a>)
      end
      links.empty? ? '' : "Explained in #{links.join ', '}."
    end

    def body(file)
      snippet = Snippet.whole file
      lines = Highlight.cpp(snippet.lines).each_with_index.map do |html, i|
        number = snippet.numbers[i]
        Highlight.line link_include(html, file), %( id="L#{number}" data-ln="#{number}")
      end
      %(<figure class="code full"><div class="scroll"><pre class="rouge" tabindex="0"><code class="numbered">#{lines.join "\n"}</code></pre></div></figure>)
    end

    # #include "common/slab.hpp" leads there.
    def link_include(html, file)
      html.sub(/"([\w.\/-]+)"/) do
        name = $1
        target = [name, "#{File.dirname file}/#{name}"].find { |path| href path }
        target && html.include?('include') ? %("<a href="#{href target}">#{name}</a>") : $&
      end
    end
  end
end
