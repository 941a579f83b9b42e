# frozen_string_literal: true

require 'asciidoctor'
require 'exercises'

module Book
  # One page that a person wrote: a chapter, or a file in docs/pages/.
  class Page
    attr_reader :book, :source, :slug, :kind, :number, :shown, :uses, :raw_code
    attr_accessor :doc, :body

    def initialize(book, source, slug, kind, number = nil)
      @book = book
      @source = source
      @slug = slug
      @kind = kind # :index, :chapter or :reference
      @number = number
      @shown = [] # listings cut out of files
      @uses = Hash.new { |hash, key| hash[key] = [] } # :trace, :toy, :term … => names
      @raw_code = [] # see InlineCode
      @ids = Hash.new(0)
    end

    def href = "#{slug}.html"
    def chapter? = kind == :chapter
    def title = doc.doctitle(sanitize: false)
    def attr(name) = doc.attr(name)
    def folder = File.dirname(source)
    def server = "#{folder}/server.cpp"

    # The files whose texts are on it.
    def texts = [source, Exercises.manifest(self), Exercises.checks(self)].select { |file| File.file? file }

    # An id that this page has not given out yet.
    def unique(id)
      @ids[id] += 1
      @ids[id] == 1 ? id : "#{id}-#{@ids[id]}"
    end

    # The first mention of anything on this page?
    def first?(kind, name)
      @uses[kind].include?(name) ? false : @uses[kind] << name
    end

    def exercises = doc.find_by(context: :exercise)
    def exercise_minutes = exercises.sum { |block| block.attr('exercise')['minutes'] }.round.clamp(1..)
    def exercise_section = doc.find_by(context: :exercises).first&.parent&.id
    def quizzes = doc.find_by(context: :example).select { |block| block.role?('quiz') }

    # [[id, title, [children]]]: what the contents show of this page.
    def contents(node = doc)
      node.sections.map { |section| [section.id, plain(section.title), section.level < 2 ? contents(section) : []] }
    end

    private

    # A title may hold links and tooltips; a line in the contents must not.
    def plain(html)
      html.gsub(%r{<span class="tip".*?</span>}m, '').gsub(%r{</?(?!/?code\b)[^>]*>}, '')
    end
  end
end
