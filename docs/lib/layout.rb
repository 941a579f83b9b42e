# frozen_string_literal: true

require 'cgi'
require 'erb'

module Book
  # The frame around every page: theme/layout.html.erb.
  class Layout
    THEME = File.expand_path('../theme', __dir__)

    def initialize(book)
      @book = book
      @template = ERB.new(File.read("#{THEME}/layout.html.erb"), trim_mode: '-')
    end

    def html(page)
      @page = page
      index = @book.pages.index page
      @previous = index&.positive? ? @book.pages[index - 1] : nil
      @next = index ? @book.pages[index + 1] : nil
      @template.result binding
    end

    def scripts(page = @page)
      uses = page.is_a?(Page) ? page.uses : {}
      names = ['book']
      names << 'player' if uses.fetch(:trace, []).any? && File.file?('docs/player/player.js')
      toys = uses.fetch(:toy, []).sort.map { |name| "toy-#{name}" }
      toys.unshift 'toy' if toys.any? && File.file?('docs/toys/toy.js') # what they share comes first
      names + toys
    end

    def styles(page = @page)
      uses = used_anywhere page
      names = ['book']
      names << 'player' if uses.include?(:trace) && File.file?('docs/player/player.css')
      names << 'compare' if uses.include?(:compare) && File.file?('docs/player/compare.css')
      names << 'toys' if uses.include?(:toy) && File.file?('docs/toys/toys.css')
      names
    end

    private

    def chapter? = @page.kind == :chapter
    def written? = @page.is_a?(Page)
    def plain(html) = html.gsub(/<[^>]+>/, '')

    def window_title
      return TITLE if %i[index print].include? @page.kind

      "#{"#{@page.number}. " if chapter?}#{plain @page.title} – #{TITLE}"
    end

    # The print page holds every page's figures.
    def used_anywhere(page)
      pages = page.kind == :print ? @book.pages : [page].select { |one| one.is_a? Page }
      pages.flat_map { |one| one.uses.select { |_, names| names.any? }.keys }.uniq
    end

    # The pages in the sidebar, with the headings that stand between them.
    def sidebar
      groups = @book.pages.chunk_while { |a, b| group_of(a) == group_of(b) }
      groups.map { |pages| [group_of(pages[0]), pages] }
    end

    def group_of(page)
      { index: nil, chapter: page.attr('part'), reference: @book.pages.index(page) < first_chapter ? nil : 'Reference' }[page.kind]
    end

    def first_chapter = @first_chapter ||= @book.pages.index(&:chapter?) || 0

    def label(page) = page.kind == :index ? 'Start here' : page.title

    def tasks(page)
      { exercises: page.exercises.size, questions: page.quizzes.size }
    end
  end
end
