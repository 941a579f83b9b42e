# frozen_string_literal: true

require 'diff'
require 'snippet'

module Book
  # Every line of code that a chapter adds to the server is shown in its text.
  class Coverage
    EXEMPT = /\A(#|[{}()\];,]*\z|(public|private|protected):|\}?\s*namespace\b|using namespace\b)/.freeze
    COMMENT = %r{\A\s*//.*|\s*//(?=(?:[^"]*"[^"]*")*[^"]*\z).*}.freeze

    def initialize(before, after, problems)
      @before = before
      @after = after
      @problems = problems
    end

    def check
      return unless File.file? @after.server

      listings = @after.shown.select { |shown| shown.file == @after.server }
      if listings.empty?
        @problems.add @after.source, 1, "shows nothing of #{@after.server}"
      elsif @before && File.file?(@before.server)
        complain added - listings.flat_map(&:numbers)
      end
    end

    private

    # The numbers of the lines of code that are new.
    def added
      old, = code(@before.server)
      new, numbers = code(@after.server)
      Diff.rows(old, new, context: 0).filter_map { |kind, _, j| numbers[j] if kind == :new }
    end

    # What counts of a file: without comments, layout and the parts that every
    # server has.
    def code(path)
      snippet = Snippet.whole path
      in_main = false
      pairs = snippet.lines.zip(snippet.numbers).filter_map do |line, number|
        in_main = true if line.start_with? 'int main('
        text = line.sub(COMMENT, '').strip
        inside = in_main
        in_main = false if line.start_with? '}'
        [text, number] unless inside || text.empty? || text.match?(EXEMPT)
      end
      [pairs.map(&:first), pairs.map(&:last)]
    end

    def complain(numbers)
      lines = File.readlines(@after.server, chomp: true)
      numbers.slice_when { |a, b| b > a + 1 }.each do |run|
        range = run.size == 1 ? "line #{run[0]} is" : "lines #{run[0]}-#{run[-1]} are"
        @problems.add @after.server, run[0],
                      "#{range} new since chapter #{@before.number}, and #{@after.source} does not show it: #{lines[run[0] - 1].strip}"
      end
    end
  end
end
