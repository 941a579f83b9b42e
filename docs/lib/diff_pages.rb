# frozen_string_literal: true

require 'diff'
require 'sources'

module Book
  # What a chapter changes in the server of the one before, as a page.
  class DiffPage
    def initialize(before, after)
      @before = before
      @after = after
      @old = Snippet.whole before.server
      @new = Snippet.whole after.server
      @rows = Diff.rows(@old.lines, @new.lines)
    end

    attr_reader :after

    def added = @rows.count { |kind, *| kind == :new }
    def removed = @rows.count { |kind, *| kind == :old }
    def counts = %(<span class="plus">+#{added}</span> <span class="minus">−#{removed}</span>)

    def page
      Made.new(slug: "diff-#{@after.slug}", kind: :diff, parent: @after.href,
               title: "What changed from chapter #{@before.number} to #{@after.number}",
               lede: "The server of <a href=\"#{@before.href}\">#{@before.title}</a> against that of <a href=\"#{@after.href}\">#{@after.title}</a>: #{counts} lines. Each change links to the section that explains it.",
               body: body)
    end

    private

    def body
      @old_html = Highlight.cpp @old.lines
      @new_html = Highlight.cpp @new.lines
      hunks = @rows.slice_when { |a, b| a[0] == :gap || b[0] == :gap }.reject { |rows| rows[0][0] == :gap }
      <<~HTML
        <div class="difftools" role="group" aria-label="How to show it"><button type="button" data-diff="unified" aria-pressed="true">Unified</button><button type="button" data-diff="split" aria-pressed="false">Side by side</button></div>
        <div class="diff rouge" tabindex="0" role="group" aria-label="Differences"><div class="inner">#{hunks.map { |rows| hunk rows }.join}</div></div>
      HTML
    end

    # A hunk is cut where another section begins to explain it.
    def hunk(rows)
      current = nil
      parts = rows.slice_when do |before, row|
        current = section_at(before) || current
        after = section_at(row)
        after && current && after != current
      end
      parts.map { |part| "#{heading part}#{changes part}" }.join.then { |html| %(<div class="hunk">#{html}</div>) }
    end

    # Runs of removed and added lines stand together, for the split view.
    def changes(rows)
      rows.chunk_while { |a, b| (a[0] == :same) == (b[0] == :same) }.map do |run|
        next run.map { |_, i, j| context i, j }.join if run[0][0] == :same

        change run.select { |row| row[0] == :old }.map { |row| row[1] }, run.select { |row| row[0] == :new }.map { |row| row[2] }
      end.join
    end

    # [id, title] of what shows the line that a row has in the new file.
    def section_at(row)
      return unless row[2]

      @sections ||= {}
      @sections.fetch(number = @new.numbers[row[2]]) do
        shown = @after.shown.find { |listing| listing.file == @after.server && listing.numbers.include?(number) }
        @sections[number] = shown && [shown.section&.id || shown.node.id, shown.section&.title || @after.title]
      end
    end

    def change(old, new)
      mark_words old, new if old.size == new.size
      lines = ->(list, numbers, html, side) { list.map { |i| Highlight.line html[i], %( data-#{side}="#{numbers[i]}"), "l #{side == 'old' ? 'd' : 'a'}" }.join }
      %(<div class="chg"><div class="del">#{lines.(old, @old.numbers, @old_html, 'old')}</div><div class="add">#{lines.(new, @new.numbers, @new_html, 'new')}</div></div>)
    end

    def context(old, new)
      attributes = %( data-old="#{@old.numbers[old]}" data-new="#{@new.numbers[new]}")
      %(<div class="ctx">#{Highlight.line @new_html[new], attributes}</div>)
    end

    # Within lines that correspond, only the words that differ are marked.
    def mark_words(old, new)
      old.zip(new) do |i, j|
        a, b = @old.lines[i], @new.lines[j]
        head = common a, b
        tail = common a[head..].reverse, b[head..].reverse
        next if (head + tail) * 2 < [a.size, b.size].max # hardly the same line

        @old_html[i] = Highlight.mark @old_html[i], head, a.size - tail
        @new_html[j] = Highlight.mark @new_html[j], head, b.size - tail
      end
    end

    # How far two strings are the same, in whole words.
    def common(one, other)
      size = one.chars.zip(other.chars).take_while { |x, y| x == y }.size
      inside = [one, other].any? { |text| text[size].to_s.match?(/\w/) }
      size -= 1 while inside && size.positive? && one[size - 1].match?(/\w/)
      size
    end

    def heading(rows)
      numbers = rows.filter_map { |kind, _, j| @new.numbers[j] if kind == :new }
      return '' if rows.all? { |row| row[0] == :same }

      id, title = rows.filter_map { |row| section_at row if row[0] == :new }.first || rows.filter_map { |row| section_at row }.first
      where = numbers.empty? ? 'removed' : "lines #{numbers.first}–#{numbers.last}"
      where = "line #{numbers.first}" if numbers.size == 1
      link = id ? %(<span>explained in <a href="#{@after.href}##{id}">#{title.gsub(/<[^>]+>/, '')}</a></span>) : ''
      %(<p class="where"><span>#{where}</span>#{link}</p>)
    end
  end
end
