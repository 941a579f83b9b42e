# frozen_string_literal: true

require 'slide_code'
require 'slide_figures'
require 'slide_prose'
require 'slide_quiz'

module Book
  Slide = Struct.new(:id, :kind, :title, :lead, :body, :notes, :href, :run, keyword_init: true)

  # The slides of one section, without those of the sections in it. What is to be
  # seen (code, terminals, figures, tables, boxes, lists) stands on slides; prose
  # goes into the notes. Of the prose there stand on slides
  #
  # - the sentence right before something that is seen, above it;
  # - a paragraph that is marked [.slide], whole;
  # - where two paragraphs or more follow each other with nothing to be seen, the
  #   first sentence of each, on a slide of their own.
  class SlideSection
    TALK = 2 # paragraphs
    BOXES = { listing: :code, literal: :literal, drawing: :drawing, trace: :run, toy: :toy, compare: :table,
              table: :table, ulist: :list, olist: :list, dlist: :list, admonition: :idea, plot: :plot }.freeze

    # `kept` has what each block became; `check` looks its inline code over.
    def initialize(node, kept, check)
      @node = node
      @kept = kept
      @check = check
      @slides = []
      @prose = [] # since the last thing that was seen
    end

    def slides
      blocks = @node.blocks.reject { |block| block.context == :section }
      blocks.each_with_index { |block, i| take block, blocks[i + 1] }
      talk @prose, at_end: true
      @slides
    end

    private

    def html(node) = @check.(@kept.fetch(node) { node.convert })

    def take(block, following)
      if block.context == :paragraph && block.role?('slide') then see :say, block
      elsif block.context == :paragraph || aside?(block) then @prose << block
      elsif block.context == :colist || block.role?('exercise') then nil # goes with its listing; the last slide has those
      elsif block.role? 'quiz' then quiz block
      elsif block.role? 'predict' then see :predict, block
      elsif BOXES[block.context] then see BOXES[block.context], block, following
      end
    end

    def aside?(block) = block.context == :sidebar || block.role?('aside')

    # Text of the chapter, and no remark beside it.
    def says?(block) = block.context == :paragraph && !aside?(block) && !SlideProse.aside?(SlideProse.first(html(block)))

    # Something to be seen: below the sentence that leads to it.
    def see(kind, block, following = nil)
      at = kind == :say ? nil : @prose.rindex { |prose| says? prose }
      leading = at && @prose[at]
      before, after = at ? [@prose[0...at], @prose[at + 1..]] : [@prose, []]
      return if at.nil? && @prose.empty? && kind == :code && joined?(block, following)

      carried = talk(before)
      sentence = leading && SlideProse.last(html(leading))
      parts = parts(kind, block, following, sentence)
      notes = carried + [leading, *after].compact.map { |prose| note prose }
      @prose = []
      parts.each_with_index { |body, i| add kind, body, lead: i.zero? ? sentence : nil, notes: i.zero? ? notes : [], block: block }
    end

    # Two short listings with no word between them share a slide.
    def joined?(block, following)
      last = @slides.last
      return false unless @above && last&.kind == 'code'

      below = SlideCode.new(html(block), notes: notes_html(following), lead: @above.taken, largest: @above.type, hidden: @predicted)
      return false if below.parts.size > 1 || below.taken > SlideSize::BODY + 16

      @above = nil
      last.body += below.parts.first
    end

    def parts(kind, block, following, sentence)
      lead = SlideSize.lead sentence
      return code(block, following, sentence, lead) if kind == :code

      case block.context
      when :drawing then SlideFigures.drawing html(block), lead
      when :table then SlideFigures.table html(block), lead
      when :compare then SlideFigures.compare html(block), lead
      when :literal then SlideFigures.literal html(block), lead
      when :plot then SlideFigures.plot html(block), lead
      when :trace then SlideFigures.run html(block), lead
      when :admonition then SlideFigures.idea SlideProse.untipped(html(block)), lead
      else [SlideProse.untipped(html(block))]
      end
    end

    def code(block, following, sentence, lead)
      @predicted = SlideProse.predict? sentence if sentence
      @above = SlideCode.new(html(block), notes: notes_html(following), lead: lead, hidden: @predicted)
      @above.parts
    end

    def notes_html(following) = following&.context == :colist ? html(following) : ''

    # Prose with nothing to be seen. Gives back what is left for the notes of the
    # slide that comes; at the `end` of the section there is none.
    def talk(blocks, at_end: false)
      said = blocks.select { |block| says? block }
      if said.size >= TALK || (at_end && said.any? && @slides.empty?) then points blocks, said
      elsif @slides.any? then @slides.last.notes.concat(blocks.map { |block| note block })
      else return blocks.map { |block| note block }
      end
      []
    end

    # First sentences, as many on a slide as fit, each with its own notes.
    def points(blocks, said)
      sentences = said.map { |block| SlideProse.first html(block) }
      SlideCut.runs(said.size, fits: ->(first, last) { SlideSize.points(sentences[first..last]) <= SlideSize::BODY }).each do |first, last|
        some = sentences[first..last]
        from = first.zero? ? 0 : blocks.index(said[first])
        stop = said[last + 1] ? blocks.index(said[last + 1]) : blocks.size
        add :text, SlideSize.list(some, SlideSize::BODY), notes: blocks[from...stop].map { |block| note block }
      end
    end

    def quiz(block)
      carried = talk @prose
      @prose = []
      body = @check.(SlideQuiz.html(block, ->(inner) { @kept.fetch(inner) { inner.convert } }))
      @slides << Slide.new(id: block.id, kind: 'quiz', title: SlideProse.clean(block.title), body: SlideProse.clean(body),
                           notes: carried, href: "##{block.id}")
    end

    def add(kind, body, lead: nil, notes: [], block: nil)
      id = @slides.empty? ? @node.id : "#{@node.id}-#{@slides.size + 1}"
      run = block.attr('target') if block&.context == :trace
      @slides << Slide.new(id: id, kind: kind.to_s, title: @node.title, lead: lead, body: body, notes: notes,
                           href: "##{block&.id || @node.id}", run: run)
    end

    def note(block) = SlideProse.clean(html(block))
  end
end
