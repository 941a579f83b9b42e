# frozen_string_literal: true

require 'cgi'
require 'rouge'

module Book
  # Highlighted code as lines of HTML, each complete in itself.
  module Highlight
    module_function

    # The lines of `text` with the colours of C++.
    def cpp(lines)
      split Rouge::Formatters::HTML.new.format(Rouge::Lexers::Cpp.new.lex(lines.join("\n")))
    end

    # Spans that reach over the end of a line are closed there and opened again.
    def split(html)
      open = []
      html.split("\n", -1).map do |line|
        start = open.join
        line.scan(%r{<span[^>]*>|</span>}) { |tag| tag == '</span>' ? open.pop : open.push(tag) }
        start + line + '</span>' * open.size
      end
    end

    # Puts <mark> around the characters first...last of a highlighted line.
    def mark(html, first, last)
      return html if last <= first

      column = 0
      on = false
      out = html.scan(/<[^>]+>|&[^;]+;|./m).map do |token|
        next on ? "</mark>#{token}<mark>" : token if token.start_with? '<'

        before = +''
        (before << '<mark>'; on = true) if column == first
        (before << '</mark>'; on = false) if column == last
        column += 1
        before + token
      end.join
      "#{out}#{'</mark>' if on}".gsub('<mark></mark>', '')
    end

    # A line of code in its own element. Numbers are drawn by the style sheet
    # from the attributes, so selecting and copying never includes them.
    def line(html, attributes = '', classes = 'l')
      %(<span class="#{classes}"#{attributes}>#{html.empty? ? ' ' : html}</span>)
    end
  end
end
