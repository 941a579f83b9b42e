# frozen_string_literal: true

require 'cgi'
require 'erb'
require 'slide_deck'

module Book
  # The slide view of each chapter: slides-NN-name.html, made of what its page is
  # made of. theme/slides.html.erb is what is around them; theme/js/slides-*.js
  # shows one at a time. Without JavaScript they are one long page.
  class Slides
    TEMPLATE = File.expand_path('../theme/slides.html.erb', __dir__)

    def self.href(page) = "slides-#{page.slug}.html"

    def initialize(book, layout)
      @book = book
      @layout = layout
      @template = ERB.new(File.read(TEMPLATE), trim_mode: '-')
    end

    # How many pages it wrote.
    def write(folder)
      @book.chapters.each { |page| File.write "#{folder}/#{Slides.href page}", html(page) }.size
    end

    private

    def html(page)
      @page = page
      @slides = SlideDeck.new(page).slides
      at = @book.chapters.index page
      @previous = at.positive? ? @book.chapters[at - 1] : nil
      @next = @book.chapters[at + 1]
      @template.result binding
    end

    def scripts = @layout.scripts(@page).map { |name| name == 'book' ? 'slides' : name }
    def styles = @layout.styles(@page) + ['slides']
    # Words of code cannot be told from others in a label.
    def label(slide, index)
      place = "#{index + 1} of #{@slides.size}"
      slide.title.include?('<code') ? place : "#{place}: #{plain(slide.title).gsub '"', '&quot;'}"
    end

    def plain(html) = html.gsub(/<[^>]+>/, '')
  end
end
