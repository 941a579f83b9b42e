# frozen_string_literal: true

require 'slide_plan'
require 'slide_section'

module Book
  # The slides of one chapter, in order.
  class SlideDeck
    def initialize(page)
      @page = page
      @kept = page.doc.converter.kept
      @check = ->(html) { InlineCode.check page, html }
      @plan = SlidePlan.of page
    end

    attr_reader :page, :plan

    def slides
      @slides ||= begin
        found = @page.doc.sections.flat_map { |section| of section }
        found = place_demonstration found
        [title, goals, *found, *exercises].compact.each { |slide| slide.body = links slide }
      end
    end

    private

    def of(section)
      own = SlideSection.new(section, @kept, @check).slides
      own + section.sections.flat_map { |inner| of inner }
    end

    def title
      lede = @page.doc.blocks.find { |block| block.context == :preamble }
      notes = lede ? lede.blocks.reject { |block| block.role? 'lede' }.map { |block| SlideProse.clean @check.(@kept[block]) } : []
      Slide.new(id: 'start', kind: 'title', title: @page.title, body: title_body, notes: notes, href: '')
    end

    def title_body
      question = @page.attr('question')
      <<~HTML
        <p class="big" aria-hidden="true">#{@page.number}</p>
        #{%(<p class="question">#{question}</p>) if question}
        <p class="facts">You build #{@page.attr 'you-build'}. <span class="minutes">#{@page.attr 'minutes'} min</span></p>
      HTML
    end

    def goals
      return unless @plan&.goals&.any?

      Slide.new(id: 'goals', kind: 'goals', title: 'What you will be able to do', body: @plan.goals_html, notes: [], href: '')
    end

    # In front of where the chapter does the same, or else of everything.
    def place_demonstration(found)
      return found unless @plan&.demonstration?

      at = found.index { |slide| @plan.demonstrated? slide } || 0
      found.dup.insert at, Slide.new(id: 'demonstration', kind: 'demo', title: 'Before we run it', body: @plan.demonstration_html,
                                     notes: [@plan.demonstration_notes], href: "##{found[at]&.href.to_s.delete_prefix '#'}")
    end

    def exercises
      return [] unless @plan&.exercises&.any?

      @plan.exercises_html.each_with_index.map do |body, i|
        Slide.new(id: i.zero? ? 'exercises' : "exercises-#{i + 1}", kind: 'tasks', title: 'Exercises', body: body, notes: [], href: '')
      end
    end

    # A place that is not on this slide is in the chapter.
    def links(slide)
      own = slide.body.scan(/ id="([^"]+)"/).flatten
      slide.notes.map! { |html| html.gsub(/href="#/, "href=\"#{@page.href}#") }
      slide.lead &&= slide.lead.gsub(/href="#/, "href=\"#{@page.href}#")
      slide.body.gsub(/href="#([^"]+)"/) { own.include?($1) ? $& : "href=\"#{@page.href}##{$1}\"" }
    end
  end
end
