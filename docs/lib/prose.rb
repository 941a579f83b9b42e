# frozen_string_literal: true

module Book
  # Traps in the text itself, found before Asciidoctor reads it.
  module Prose
    FENCE = /\A(-{4,}|\.{4,}|\+{4,}|\/{4,}|```.*)\s*\z/.freeze

    module_function

    # In `C++ … C++` the pluses are quotation marks, and vanish with all markup
    # between them.
    def check(page, problems)
      paragraph = 0
      fence = nil
      File.foreach(page.source, chomp: true).with_index(1) do |line, number|
        if line.match? FENCE
          fence = fence ? (line == fence ? nil : fence) : line
        elsif fence then next
        elsif line.strip.empty? then paragraph = 0
        else
          before = paragraph
          paragraph += line.gsub(/`[^`]*`/, '').scan('C++').size
          problems.add page.source, number, 'the second C++ of a paragraph: write {cpp}' if before < 2 && paragraph >= 2
        end
      end
    end
  end
end
