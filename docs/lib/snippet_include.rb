# frozen_string_literal: true

require 'asciidoctor/extensions'
require 'snippet'

module Book
  # include::server.cpp[tag=run]. Asciidoctor's own include warns of a lost tag
  # and goes on with an empty listing, and forgets the numbers of the lines.
  # Here a lost tag is an error, and a first line (a character that is in no
  # source file, then file, tag and numbers) tells Listings what was cut out.
  class SnippetInclude < Asciidoctor::Extensions::IncludeProcessor
    HEAD = "\u{F8FF}snippet "
    CODE = /\.(cpp|hpp|cc|h|py|sh|rb|js)\z/.freeze

    def handles?(target)
      target.match?(CODE) || target.end_with?('.patch')
    end

    def process(document, reader, target, attributes)
      here = reader.cursor_at_prev_line
      from = here.file || document.options[:page].source
      path = File.expand_path(target, File.dirname(from)).delete_prefix("#{Dir.pwd}/")
      tag = attributes['tag'] || attributes['tags']
      snippet = cut(path, target, tag, attributes)
      reader.push_include [HEAD + [path, tag, snippet.numbers.join(',')].join('|'), *snippet.outdented],
                          path, path, 1, attributes
    rescue RuntimeError, SystemCallError => e
      document.options[:page].book.problems.add from, here.lineno, "include of #{target}: #{e.message}"
      reader.push_include ['lost'], path, path, 1, attributes
    end

    private

    def cut(path, target, tag, attributes)
      raise 'no such file' unless File.file? path
      raise 'code is included by its tag, never by line numbers' if attributes.key? 'lines'
      return Snippet.cut(path, tag) if tag
      raise 'code is included by its tag: [tag=NAME]' unless target.end_with? '.patch'

      # A patch keeps the marks of the code around it; here they mean nothing.
      lines = Snippet.whole(path).lines.drop_while { |line| !line.start_with? '@@' }
      Snippet.new(lines, [])
    end
  end
end
