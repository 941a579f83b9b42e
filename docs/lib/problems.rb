# frozen_string_literal: true

module Book
  # What is wrong, each with the file and line to look at.
  class Problems
    def initialize
      @found = []
    end

    attr_reader :found

    def add(file, line, text)
      line = "#{file}:#{line}: #{text}".gsub("#{Dir.pwd}/", '')
      @found << line unless @found.include? line
    end

    # A problem of a parsed node. Asciidoctor knows the line of a block but not
    # of what stands in it: `pattern` finds that from the block's line on.
    def at(node, text, pattern = nil)
      add(*place(node, pattern), text)
    end

    # What Asciidoctor itself complained about while it worked on `page`.
    def take(messages, page)
      messages.each do |entry|
        message = entry[:message]
        if message.is_a? Hash
          where = message[:source_location]
          file = where&.file ? relative(where.file) : page.source
          add file, where&.lineno || 1, message[:text] + hint(message[:text])
        elsif (name = message[/missing attribute: (\S+)/, 1])
          add(*find(page, /\{#{Regexp.escape name}\}/i), "attribute {#{name}}: not set")
        else
          add page.source, 1, message.to_s
        end
      end
      messages.clear
    end

    def place(node, pattern = nil)
      page = node.document.options[:page]
      node = node.parent while node && !(node.respond_to?(:source_location) && node.source_location)
      file = node&.source_location&.file ? relative(node.source_location.file) : page.source
      start = node&.source_location&.lineno || 1
      # A listing that begins with an include believes that it stands in there.
      unless file.end_with? '.adoc', '.toml', 'checks.py'
        pattern ||= /include::.*#{Regexp.escape File.basename(file)}\[.*#{node.attr 'tag'}\b/
        file, start = page.source, 1
      end
      [file, pattern ? line_of(file, pattern, start) : start]
    end

    # The first line of a page's texts that matches; else where the page begins.
    def find(page, pattern)
      file = page.texts.find { |text| File.read(text).match? pattern } || page.source
      [file, line_of(file, pattern)]
    end

    private

    def relative(file)
      file.delete_prefix "#{Dir.pwd}/"
    end

    def line_of(file, pattern, start = 1)
      lines = File.readlines(file)
      found = lines.drop(start - 1).index { |line| line.match? pattern }
      return start + found if found

      (lines.index { |line| line.match? pattern } || start - 1) + 1
    end

    def hint(text)
      return '' unless text.include? 'include file not found'

      text.include?('transcripts/') ? ' (`make transcripts` records what a session printed)' : ''
    end
  end
end
