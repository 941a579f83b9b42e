# frozen_string_literal: true

require 'inline_code'
require 'slide_size'

module Book
  # Text on its way from a chapter's page to its slides. One sentence stands on
  # a line of the source, so a line of a paragraph is a sentence.
  module SlideProse
    INLINE = %w[a em strong code mark span sub sup].freeze
    PREDICT = /\?|\b(?:predict|guess(?:es)?|say (?:aloud )?what|write\b.*\bdown|then look|before you (?:look|read))\b/i.freeze
    CONTEXT = 190 # characters: what a question may have in front of it

    module_function

    # A tooltip has nobody to hover over it.
    def untipped(html)
      html = html.gsub(%r{<span class="tip".*?</span>}m, '').gsub(%r{<span class="term-first">(<a\b.*?</a>)</span>}m, '\1')
      html.gsub(/ aria-describedby="tip-[^"]*"/, '')
    end

    # Prose: ids stay in the chapter.
    def clean(html) = untipped(html).gsub(/ id="[^"]*"/, '').gsub('_footnote', 'footnote')

    def sentences(html)
      text = clean(html[%r{<p>(.*)</p>}m, 1] || html).gsub(%r{<sup class="footnote">.*?</sup>}m, '')
      text.split("\n").each_with_object([]) do |line, found|
        found.any? && !whole?(found.last) ? found.last << ' ' << line : found << +line
      end
    end

    def first(html) = sentences(html).first

    # What a paragraph says last leads to what comes next. A remark in brackets
    # does not, and a question needs what it is about.
    def last(html)
      all = sentences(html)
      all = all[0..-2] while all.size > 1 && aside?(all.last)
      return all.last unless all.last.end_with?('?') && all.size > 1

      both = all.last(2).join(' ')
      SlideSize.plain(both).size <= CONTEXT ? both : all.last
    end

    # A remark in brackets.
    def aside?(sentence) = SlideSize.plain(sentence).match?(/\A\(.*\)\z/)

    # Does it ask the room for something, before it looks?
    def predict?(sentence) = sentence && SlideSize.plain(sentence).match?(PREDICT)

    def whole?(html)
      INLINE.all? { |tag| html.scan(/<#{tag}\b/).size == html.scan("</#{tag}>").size }
    end
  end
end
