# frozen_string_literal: true

require 'fileutils'
require 'anchors'
require 'chapter_map'
require 'contents'
require 'converter'
require 'coverage'
require 'diff_pages'
require 'exercises'
require 'layout'
require 'print_page'
require 'problems'
require 'prose'
require 'search_index'
require 'slides'
require 'sources'

module Book
  TITLE = 'Tick by Tick'

  # The whole book: loads all pages, then converts them, so that each can refer
  # to any other; checks what only the whole can tell; writes.
  class Whole
    attr_reader :problems, :log, :pages, :chapters, :anchors, :glossary, :syscalls, :sources, :chapter_map, :exercises

    def initialize
      @problems = Problems.new
      @log = Asciidoctor::LoggerManager.logger = Asciidoctor::MemoryLogger.new
      @log.level = Logger::WARN # references are checked by our own converter
      @exercises = Exercises.new
      @pages = Contents.new(self).load
      @chapters = @pages.select(&:chapter?)
      @anchors = Anchors.new
      @glossary = Glossary.new(page_of('docs/pages/glossary.adoc'))
      @syscalls = Syscalls.new(page_of('docs/pages/syscalls.adoc'))
      @sources = Sources.new(self)
      @diffs = servers.each_cons(2).map { |before, after| DiffPage.new(before, after) }
      @chapter_map = ChapterMap.new(self)
    end

    def page_of(source) = @pages.find { |page| page.source == source }
    def diff_of(page) = @diffs.find { |diff| diff.after == page }

    def convert
      @pages.each { |page| convert_page page }
      Assets.check @problems
      [nil, *@chapters].each_cons(2) { |before, after| Coverage.new(before, after, @problems).check }
    end

    def write(folder)
      FileUtils.rm_rf folder
      FileUtils.mkdir_p "#{folder}/assets"
      layout = Layout.new(self)
      diffs = @diffs.map(&:page)
      made = diffs + @sources.pages + [@sources.index(diffs), PrintPage.new(@pages).page, lost_page]
      (@pages + made).each { |page| File.write "#{folder}/#{page.href}", layout.html(page) }
      slides = Slides.new(self, layout).write folder
      Assets.new(self).write "#{folder}/assets"
      (@pages + made).size + slides
    end

    private

    def servers = @chapters.select { |page| File.file? page.server }

    def convert_page(page)
      Prose.check page, @problems
      # An id may not begin with the underscore of Asciidoctor's footnotes.
      page.body = InlineCode.check(page, page.doc.convert).gsub('_footnote', 'footnote')
      @problems.take @log.messages, page
      return unless page.body.include? SnippetInclude::HEAD[0]

      @problems.add page.source, 1, 'code is included outside of a listing (`----`)'
    end

    def lost_page
      Made.new(slug: '404', title: 'Nobody listens here', kind: :lost,
               lede: 'The page you asked for is not in this book. At least the answer came at once.',
               body: '<p>Press <kbd>/</kbd> to search, or go back to <a href="index.html">the front page</a>.</p>')
    end
  end
end
