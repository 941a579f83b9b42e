# frozen_string_literal: true

module Book
  # A region of a source file, between its comments `tag::NAME[]` and
  # `end::NAME[]`, with the numbers its lines have in the file.
  Snippet = Struct.new(:lines, :numbers) do
    # Every region of `path` by that name: an error when there is not exactly one.
    def self.cut(path, tag)
      opened = nil
      closed = nil
      snippet = new([], [])
      File.foreach(path, chomp: true).with_index(1) do |line, number|
        kind, name = line.match(Snippet::MARK)&.captures
        if kind && name != tag then next
        elsif kind == 'tag'
          raise "tag '#{tag}' is opened twice, at #{path}:#{opened} and #{path}:#{number}" if opened

          opened = number
        elsif kind == 'end'
          raise "tag '#{tag}' ends at #{path}:#{number} without having begun" if opened.nil? || closed

          closed = number
        elsif opened && !closed
          snippet.lines << line
          snippet.numbers << number
        end
      end
      raise "no tag '#{tag}' in #{path}" unless opened
      raise "tag '#{tag}' is opened at #{path}:#{opened} and never closed" unless closed
      raise "tag '#{tag}' at #{path}:#{opened} holds no lines" if snippet.lines.empty?

      snippet
    end

    # The whole file as a reader should see it, with its real line numbers.
    def self.whole(path)
      kept = File.readlines(path, chomp: true).each.with_index(1).reject { |line, _| line.match? Snippet::MARK }
      new(kept.map { |line, _| line.sub(Snippet::CALLOUTS, '') }, kept.map(&:last))
    end

    def outdented
      margin = lines.reject { |line| line.strip.empty? }.map { |line| line[/\A */].size }.min || 0
      lines.map { |line| line[margin..] || '' }
    end
  end

  Snippet::MARK = /\b(tag|end)::([\w-]+)\[\]\s*\z/
  Snippet::CALLOUTS = %r{\s*//\s*(?:<\d+>\s*)+\z|(?<=\S)\s+(?:<\d+>\s*)+\z}
end
