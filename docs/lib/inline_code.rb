# frozen_string_literal: true

require 'cgi'

module Book
  # Asciidoctor goes on replacing things inside `inline code`: fd->x becomes an
  # arrow, [[nodiscard]] disappears, __FILE__ turns italic. It does so after the
  # code was converted, so the code is numbered then, and what stands in the
  # finished page is compared with what was meant.
  module InlineCode
    PASSED = /[\u0096\u0097]/ # Asciidoctor's place of a `+passthrough+`
    WORD = 26
    TAG = %r{<code data-raw="(\d+)">(.*?)</code>}m.freeze

    module_function

    def mark(page, node, html)
      page.raw_code << [node.text, node.parent]
      html.sub('<code', %(<code data-raw="#{page.raw_code.size - 1}"))
    end

    # Complains about code that is not what was written; takes the numbers off.
    def check(page, html)
      html = html.gsub(TAG) do
        shown = $2
        raw, node = page.raw_code[$1.to_i]
        complain page, node, raw, shown unless raw.match?(PASSED) || same?(raw, shown)
        size = CGI.unescapeHTML(shown).size
        # Short code is not broken, for `--port` would be broken after its hyphens.
        size <= WORD && !shown.include?(' ') ? %(<code class="word">#{shown}</code>) : "<code>#{shown}</code>"
      end
      stray page, html
      html.gsub(/ data-raw="\d+"/, '')
    end

    def same?(raw, html)
      return !html.match?(/<(em|strong|sub|sup|mark|a)\b/) if raw.match?(/\{[\w-]+\}/)

      CGI.unescapeHTML(raw) == CGI.unescapeHTML(html)
    end

    def complain(page, node, raw, html)
      code = CGI.unescapeHTML(raw).gsub(%r{</?\w+>}, '')
      shown = CGI.unescapeHTML(html.gsub(/<[^>]+>/, ''))
      shown = 'nothing' if shown.empty?
      page.book.problems.at node, "`#{code}` would be shown as #{shown}: write `+#{code}+`",
                            /#{Regexp.escape "`#{code}"}/
    end

    # A backtick that is left over opened or closed nothing.
    def stray(page, html)
      text = html.gsub(%r{<(pre|svg|code)\b.*?</\1>}m, '').gsub(/<[^>]+>/, '')
      text.scan(/\S*`\S*/) do |word|
        word = CGI.unescapeHTML word
        problems = page.book.problems
        written = Regexp.escape(word).gsub('’', "(?:’|`?')") # `run`'s loses its second one
        problems.add(*problems.find(page, /#{written}/), "a backtick that is shown: #{word}")
      end
    end
  end
end
