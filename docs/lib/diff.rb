# frozen_string_literal: true

require 'open3'
require 'tempfile'

module Book
  # The difference of two lists of lines, by `git diff --histogram`.
  module Diff
    # Git as it comes: nobody's settings may change what the book shows.
    PLAIN = { 'GIT_CONFIG_GLOBAL' => '/dev/null', 'GIT_CONFIG_SYSTEM' => '/dev/null', 'GIT_DIR' => '/dev/null' }.freeze

    module_function

    # [[:same | :old | :new | :gap, index in old, index in new]]
    def rows(old, new, context: 4)
      first = second = nil
      output(old, new, context).each_line.with_object([]) do |line, rows|
        if (hunk = line.match(/\A@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/))
          rows << [:gap, nil, nil] if first
          # A side without lines is named by the line before it.
          first = hunk[1].to_i - (hunk[2] == '0' ? 0 : 1)
          second = hunk[3].to_i - (hunk[4] == '0' ? 0 : 1)
        elsif first.nil? then next
        else
          case line[0]
          when ' ' then rows << [:same, first, second]; first += 1; second += 1
          when '-' then rows << [:old, first, nil]; first += 1
          when '+' then rows << [:new, nil, second]; second += 1
          end
        end
      end
    end

    def output(old, new, context)
      Dir.mktmpdir do |folder|
        { 'old' => old, 'new' => new }.each { |name, lines| File.write "#{folder}/#{name}", lines.map { |line| "#{line}\n" }.join }
        text, problem, status = Open3.capture3(PLAIN, 'git', 'diff', '--no-index', '--histogram', '--no-color',
                                               '--no-ext-diff', "-U#{context}", '--', 'old', 'new', chdir: folder)
        raise "git diff: #{problem}" if status.exitstatus.to_i > 1

        text
      end
    end
  end
end
