# frozen_string_literal: true

require 'page'
require 'listings'
require 'macros'
require 'plot_html'
require 'schedule_html'

module Book
  # Which pages there are, in reading order, and how each is loaded.
  class Contents
    FRONT = %w[docs/pages/index.adoc docs/pages/how-to-use.adoc].freeze
    BACK = %w[docs/pages/glossary.adoc docs/pages/syscalls.adoc docs/wire-format.adoc
              docs/contributing.adoc docs/pages/about.adoc].freeze

    ATTRIBUTES = {
      'source-highlighter' => 'rouge', 'rouge-css' => 'class', 'icons' => 'font',
      'idprefix' => '', 'idseparator' => '-', 'experimental' => '', 'attribute-missing' => 'warn',
      'figure-caption' => nil, 'example-caption' => nil, 'table-caption' => nil
    }.freeze

    def initialize(book)
      @book = book
    end

    def load
      chapters = Dir['chapters/*/chapter.adoc'].sort
      other = Dir['docs/pages/*.adoc'].sort_by { |file| File.basename file, '.adoc' } - FRONT - BACK
      pages = (FRONT + chapters + other + BACK).filter_map { |source| page source }
      pages.each { |page| check page }
    end

    private

    def page(source)
      unless File.file? source
        @book.problems.add source, 1, 'this page is in the contents, and there is no such file'
        return
      end
      folder = source[%r{\Achapters/([^/]+)/}, 1]
      page = if folder then Page.new(@book, source, folder, :chapter, folder.to_i)
             else Page.new(@book, source, name = File.basename(source, '.adoc'), name == 'index' ? :index : :reference)
             end
      parse page
      page
    end

    # A document of its own: attributes and ids of one page never reach another.
    def parse(page)
      page.doc = Asciidoctor.load_file(
        page.source, safe: :unsafe, sourcemap: true, converter: Converter, page: page,
                     extension_registry: registry,
                     attributes: ATTRIBUTES.merge('transcripts' => File.expand_path('build/transcripts'))
      )
      @book.problems.take @book.log.messages, page
      Listings.new(page).check
    end

    def registry
      Asciidoctor::Extensions.create do
        include_processor SnippetInclude
        block_macro TraceMacro
        block_macro CompareMacro
        block_macro ToyMacro
        block_macro DrawingMacro
        block_macro ExercisesMacro
        block_macro ScheduleMacro
        block_macro TeachingMacro
        block_macro ChapterMapMacro
        inline_macro TermMacro
        inline_macro CallMacro
        inline_macro ManMacro
        inline_macro FileMacro
        block_macro PlotMacro
        block_macro MeasurementsMacro
        block_macro MachineMacro
        inline_macro MeasuredMacro
      end
    end

    def check(page)
      add = ->(text) { @book.problems.add page.source, 1, text }
      add.('a page without a title: its first line is `= Title`') unless page.doc.doctitle
      add.('a page in the contents without content') if page.doc.blocks.all? { |block| empty? block }
      return unless page.chapter?

      %w[minutes you-build part].each { |name| add.("the header lacks :#{name}:") unless page.attr(name) }
      if File.file?(Exercises.manifest(page)) && page.doc.find_by(context: :exercises).empty?
        add.("no exercises::[] shows what #{Exercises.manifest page} lists")
      end
      count = page.quizzes.size
      @book.problems.at page.quizzes[0], "#{count} questions to check oneself with, instead of three to five" unless [0, 3, 4, 5].include? count
    end

    def empty?(block)
      block.context == :section ? block.blocks.all? { |inner| empty? inner } : block.context == :comment
    end
  end
end
