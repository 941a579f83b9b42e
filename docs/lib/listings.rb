# frozen_string_literal: true

require 'snippet_include'

module Book
  # A listing cut out of a file: what the page shows of it, and where.
  Shown = Struct.new(:file, :tag, :numbers, :node, :section, keyword_init: true)

  # Takes the first line of a snippet off again, and checks each listing:
  # its width, and that its callouts and the list below it tell of each other.
  class Listings
    COLUMNS = 80
    CALLOUT_COLUMNS = 77 # the mark needs the rest
    MARKS = /(?:\s*(?:\/\/|#)?\s*)((?:<\d+>\s*)+)\z/.freeze

    def initialize(page)
      @page = page
      @problems = page.book.problems
    end

    def check
      @page.doc.find_by(context: :listing).each { |block| check_listing block }
      @page.doc.find_by(context: :literal).each { |block| check_width block }
      @page.doc.find_by(context: :colist).each { |list| check_list list }
    end

    private

    def check_listing(block)
      take_heads block
      return if %w[console shell].include? block.attr('language')

      check_width block
      marks = block.lines.flat_map { |line| line[MARKS, 1].to_s.scan(/\d+/) }.map(&:to_i).uniq
      return if marks.empty? || !block.sub?(:callouts)

      list = sibling(block, 1)
      if list&.context != :colist
        @problems.at block, "callouts #{marks.join ', '} without a list of callouts below"
        return
      end
      items = (1..list.items.size).to_a
      @problems.at list, "the list has #{items.size} callouts, the listing #{marks.sort.join ', '}" if marks.sort != items
      Asides.beside block, list
    end

    # One listing may be made of several regions of one file.
    def take_heads(block)
      return unless block.lines.any? { |line| line.start_with? SnippetInclude::HEAD }

      heads, lines = block.lines.partition { |line| line.start_with? SnippetInclude::HEAD }
      heads = heads.map { |head| head.delete_prefix(SnippetInclude::HEAD).split('|', 3) }
      files = heads.map(&:first).uniq
      @problems.at block, "one listing of several files: #{files.join ', '}" if files.size > 1
      numbers = heads.flat_map { |head| head[2].split(',').map(&:to_i) }
      block.lines.replace lines
      block.set_attr 'file', files.first
      # What a patch says in front of its hunks is what it is called.
      block.title = File.foreach(files.first).first.chomp if files.first.end_with?('.patch') && !block.title?
      tag = heads.map { |head| head[1] }.join('-')
      block.set_attr 'tag', tag unless tag.empty?
      block.set_attr 'linenos', numbers if numbers.size == lines.size
      block.id ||= @page.unique("code-#{[File.basename(files.first, '.*'), tag].reject(&:empty?).join '-'}".tr('_', '-'))
      @page.shown << Shown.new(file: files.first, tag: tag, numbers: numbers, node: block, section: section_of(block))
    end

    def check_width(block)
      patch = block.attr('language') == 'diff'
      block.lines.each.with_index do |line, i|
        line = line.start_with?('@@') ? '' : line[1..].to_s if patch
        marks = line[MARKS, 1]
        width = (marks ? line.sub(MARKS, '') : line).size
        limit = marks ? CALLOUT_COLUMNS : COLUMNS
        next if width <= limit

        number = block.attr('linenos')&.at(i)
        text = "#{width} columns, the page has room for #{limit}#{' beside a callout' if marks}: #{line.strip[0, 40]}…"
        if number then @problems.add block.attr('file'), number, text
        else @problems.at block, text, /#{Regexp.escape line.strip}/
        end
      end
    end

    def check_list(list)
      before = sibling(list, -1)
      return if before&.context == :listing && before.lines.any? { |line| line.match? MARKS }

      @problems.at list, 'a list of callouts without a listing that has them, right above'
    end

    def sibling(block, step)
      blocks = block.parent.blocks
      at = blocks.index { |other| other.equal? block } + step
      at.negative? ? nil : blocks[at]
    end

    def section_of(block)
      block = block.parent until block.nil? || %i[section document].include?(block.context)
      block if block&.context == :section
    end
  end

  # Notes stand beside their listing on a wide page, unless they would be much
  # longer than it: then the code would have a hole below it.
  module Asides
    NOTE_COLUMNS = 31 # characters in a line of a note in the margin

    def self.beside(listing, list)
      note_lines = list.items.sum { |item| (item.instance_variable_get(:@text).to_s.size / NOTE_COLUMNS) + 1.3 }
      return unless note_lines * 0.95 <= listing.lines.size + 4

      [listing, list].each { |node| node.set_attr 'beside', true }
      first = listing.lines.index { |line| line.match? Listings::MARKS }
      list.set_attr 'from', [first, (listing.lines.size - note_lines).floor].min.clamp(0, nil)
    end
  end
end
