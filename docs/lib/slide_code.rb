# frozen_string_literal: true

require 'slide_cut'
require 'slide_size'

module Book
  # A listing or a terminal of a chapter's page, in as many parts as it takes
  # slides. Lines keep their numbers; a note goes with the line that it is of.
  class SlideCode
    PIECES = %r{\A(.*<code[^>]*>)(.*)(</code></pre>.*)\z}m.freeze
    ITEM = %r{<li\b.*?</li>}m.freeze

    # `html` of the figure and of the list of callouts below it; `lead` is the
    # room that something above the first part takes; `hidden`: what a terminal
    # answers is hidden at first; `largest`: no type is larger.
    def initialize(html, notes: '', lead: 0, hidden: false, largest: SlideSize::CODE.first)
      @largest = largest
      @head, code, @tail = html.sub(/\A<div class="explained">/, '').match(PIECES).captures
      @lines = code.split("\n")
      @notes = notes.scan(ITEM)
      @marks = @lines.map { |line| line.scan(/class="co"[^>]*data-n="(\d+)"/).flatten.map { |number| number.to_i - 1 } }
      @texts = @lines.map { |line| CGI.unescapeHTML(line.gsub(/<[^>]+>/, '')) }
      @lead = lead
      @hidden = hidden
      @numbered = @head.include? 'class="numbered"'
      @terminal = @head.include? 'console'
      @widths = @texts.zip(@marks).map { |text, marks| text.size + marks.size * 3 + (@terminal ? 3 : 0) }
    end

    # As few parts as possible, then type as large as possible.
    def parts = best[:runs].each_with_index.map { |run, i| part run, i }

    def type = best[:size]

    # What the last part takes of its slide.
    def taken
      first, last = best[:runs].last
      height(first, last, best) + 16 + (first.zero? ? @lead : 0)
    end

    private

    def best
      @best ||= begin
        plans = SlideSize::CODE.select { |size| size <= @largest }.product([false, true]).filter_map { |size, beside| plan size, beside }
        plans.min_by { |plan| [plan[:runs].size, -plan[:size], plan[:beside] ? 1 : 0] }
      end
    end

    # The cut in one size of type, with the notes beside the code or below it.
    def plan(size, beside)
      width = SlideSize.code_width([@widths.max, Listings::COLUMNS].min, size, @numbered)
      return if width > SlideSize::WIDTH || (beside && (@notes.empty? || width > SlideSize::WIDTH - SlideSize::BESIDE))

      plan = { size: size, beside: beside && SlideSize::WIDTH - width }
      fits = ->(first, last) { height(first, last, plan) <= SlideSize::BODY - (first.zero? ? @lead : 0) }
      plan[:runs] = SlideCut.runs(@lines.size, cost: method(:cost), fits: fits)
      plan if size == SlideSize::CODE.last || plan[:runs].all? { |run| fits.(*run) }
    end

    def height(first, last, plan)
      rows = (first..last).sum { |i| rows(i, plan[:size]) }
      code = rows * (plan[:size] * SlideSize::LINE) + SlideSize::FRAME + (@head.include?('class="bar"') ? SlideSize::BAR : 0)
      notes = notes_of first, last
      return [code, SlideSize.notes(notes, plan[:beside]) + 60].max if plan[:beside]

      code + SlideSize.notes(notes, SlideSize::WIDTH)
    end

    # A terminal wraps what is too long for it.
    def rows(index, size)
      return 1 unless @terminal

      (@widths[index] * SlideSize::ADVANCE * size / (SlideSize::WIDTH - 60.0)).ceil.clamp(1, nil)
    end

    # Notes stand where their line is.
    def notes_of(first, last)
      numbers = @marks[first..last].flatten.uniq.sort
      @notes.values_at(*numbers).compact
    end

    # What it hurts to cut in front of a line: least where a thing ends.
    def cost(at)
      line, before = @texts[at].strip, @texts[at - 1].strip
      return @lines[at].include?('class="l cmd"') ? 0 : 30 if @terminal
      return 70 if line.empty? || line.match?(/\A[})\]]/)
      return 0 if before.empty?

      indent = @texts[at][/\A */].size
      case before.sub(%r{\s*//.*}, '')
      when /[;}]\z/ then 8 + indent
      when /[{:]\z/ then 40 + indent
      else 60 + indent
      end
    end

    def part(run, index)
      first, last = run
      last -= 1 while last > first && @texts[last].strip.empty?
      lines = @lines[first..last]
      lines = lines.map { |line| line.sub('class="l out', 'class="later l out') } if @hidden && index.zero?
      code = "#{head first, last, index}#{lines.join "\n"}#{@tail}"
      notes = notes_of(first, last)
      list = notes.any? ? %(<ol class="callouts">#{notes.join}</ol>) : ''
      classes = ['s-code', best[:beside] && notes.any? ? 'beside' : nil].compact.join ' '
      %(<div class="#{classes}" style="--type: #{type}px">#{code}#{list}</div>)
    end

    # Each part says which lines it has; the figure's id is the first's.
    def head(first, last, index)
      numbers = @lines[first..last].filter_map { |line| line[/data-ln="(\d+)"/, 1] }
      head = index.zero? ? @head : @head.sub(/(<figure class="[^"]*") id="[^"]*"/, '\1')
      return head if numbers.empty?

      where = numbers.size == 1 ? "line #{numbers[0]}" : "lines #{numbers.first}–#{numbers.last}"
      head.sub(%r{(<span class="where">).*?</span>}, "\\1#{where}</span>").sub(/#L\d+"/, "#L#{numbers.first}\"")
    end
  end
end
