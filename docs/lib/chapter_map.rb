# frozen_string_literal: true

require 'snippet'

module Book
  # The chapters on the front page. All of it comes from the sources, so it
  # cannot go stale.
  class ChapterMap
    def initialize(book)
      @book = book
    end

    def html
      parts = @book.chapters.chunk_while { |a, b| a.attr('part') == b.attr('part') }
      parts.map do |chapters|
        %(<h3 class="part">#{chapters[0].attr 'part'}</h3><ol class="map">#{chapters.map { |page| card page }.join}</ol>)
      end.join
    end

    private

    def card(page)
      question = page.attr('question') || page.attr('you-build')
      build = page.attr('question') ? %(<span class="b">You build #{page.attr 'you-build'}.</span>) : ''
      <<~HTML.chomp
        <li><a href="#{page.href}"><span class="n">#{page.number}</span><strong>#{page.title}</strong><span class="q">#{question}</span>#{build}<span class="m">#{facts(page).map { |fact| "<span>#{fact}</span>" }.join}#{progress page}</span></a></li>
      HTML
    end

    def facts(page)
      diff = @book.diff_of page
      lines = "#{Snippet.whole(page.server).lines.size} lines" if File.file? page.server
      lines = "#{lines} (#{diff.counts})" if lines && diff
      questions = counted page.quizzes.size, 'question'
      ["#{page.attr 'minutes'} min", lines, questions, exercises(page)].compact
    end

    def exercises(page)
      count = counted(page.exercises.size, 'exercise') or return
      "#{count}, #{page.exercise_minutes} min"
    end

    # Filled in by the reader's browser.
    def progress(page)
      total = page.exercises.size + page.quizzes.size
      %(<span class="progress" data-page="#{page.slug}" data-total="#{total}" data-says="{} done"></span>) if total.positive?
    end

    def counted(count, what)
      "#{count} #{what}#{'s' unless count == 1}" if count.positive?
    end
  end
end
