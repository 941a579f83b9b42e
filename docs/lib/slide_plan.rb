# frozen_string_literal: true

require 'asciidoctor'
require 'cgi'
require 'exercises'
require 'json'
require 'slide_size'

module Book
  # What the chapter's manifest adds to its slides: goals, the demonstration, the
  # exercises. `tools/workshop export` writes the file; without it, or for a
  # chapter that it lacks, these slides are left out.
  class SlidePlan
    FILE = 'build/exercises.json'
    PER_SLIDE = 9 # exercises
    TELLING = 12 # characters: a shorter line may be in any command
    LEVELS = 3

    def self.of(page)
      return unless File.file? FILE

      chapters = JSON.parse(File.read(FILE)).fetch('chapters', [])
      data = chapters.find { |chapter| chapter['name'] == page.slug }
      data && new(data, page)
    end

    def initialize(data, page)
      @data = data
      @page = page
    end

    def goals = Array(@data['goals']).map { |goal| text goal }
    def ask = text(@data['ask'])
    def answer = text(@data['answer'])
    def wrong = Array(@data['wrong']).map { |one| text one }
    def cut = text(@data['cut'])
    def demonstration? = !commands.empty?
    def commands = @data['demo'].to_s.lines.map { |line| line.rstrip.sub(/\A\$ /, '') }.reject(&:empty?)

    # Is it what the demonstration does: the recorded run that it plays, or a
    # terminal with one of its lines or its planted mistake?
    def demonstrated?(slide)
      run = @data['demo'].to_s[/\bPLAY=([\w-]+)/, 1]
      return slide.run == run if run
      return false unless slide.kind == 'code'

      shown = SlideSize.plain slide.body
      lines = commands.map { |line| line.strip.chomp('\\').strip }.select { |line| line.size >= TELLING }
      (lines + commands.join(' ').scan(%r{\bmistakes/[\w-]+})).any? { |telling| shown.include? telling }
    end

    def exercises = Array(@data['exercises'])
    def minutes = exercises.sum { |one| one['minutes'].to_f }

    def goals_html
      %(<p class="lead">After this chapter you can</p>#{SlideSize.list goals, SlideSize::BODY - 60})
    end

    def demonstration_html
      # An indented line goes on with the command.
      lines = commands.map { |line| %(<span class="l cmd#{' more' if line.start_with? ' '}">#{CGI.escapeHTML line.strip}</span>) }
      terminal = %(<figure class="code console"><div class="scroll"><pre tabindex="0"><code>#{lines.join "\n"}</code></pre></div></figure>)
      %(<p class="s-ask">#{ask}</p><div class="s-code" style="--type: 24px">#{terminal}</div><p class="reply later">#{answer}</p>)
    end

    def demonstration_notes
      said = wrong.any? ? "<p><strong>What people say first:</strong></p><ul>#{wrong.map { |one| "<li>#{one}</li>" }.join}</ul>" : ''
      late = cut.empty? ? '' : "<p><strong>When it is late, leave out:</strong> #{cut}</p>"
      said + late
    end

    def exercises_html
      slides = (exercises.size / PER_SLIDE.to_f).ceil
      exercises.each_slice((exercises.size / slides.to_f).ceil).map { |some| "#{list some}#{start some}" }
    end

    def self.minutes(number)
      return 'half a minute' if number.to_f == 0.5

      "#{number.to_f == number.to_i ? number.to_i : number} min"
    end

    private

    def list(some)
      rows = some.map do |one|
        level = one['level'].to_i.clamp(1, LEVELS)
        dots = %(<span class="level" role="img" aria-label="Difficulty #{level} of #{LEVELS}">#{'●' * level}#{'○' * (LEVELS - level)}</span>)
        cells = [%(<code>#{CGI.escapeHTML one['id']}</code>), title(one), CGI.escapeHTML(one['kind']), dots, SlidePlan.minutes(one['minutes'])]
        "<tr>#{cells.map { |cell| "<td>#{cell}</td>" }.join}</tr>"
      end
      heads = %w[Exercise Title Kind Difficulty Time].map { |head| %(<th scope="col">#{head}</th>) }
      %(<table class="tasks"><thead><tr>#{heads.join}</tr></thead><tbody>#{rows.join}</tbody></table>)
    end

    # It leads to the chapter's card, if the chapter shows it.
    def title(one)
      card = Exercises.anchor one
      @page.doc.catalog[:refs].key?(card) ? %(<a href="##{card}">#{text one['title']}</a>) : text(one['title'])
    end

    # What to type for the first of them that is code.
    def start(some)
      one = some.find { |each| Array(each['checks']).any? }
      return '' unless one

      line = %(<span class="l cmd">tools/workshop start #{CGI.escapeHTML one['id']}</span>)
      %(<div class="s-code" style="--type: 24px"><figure class="code console"><div class="scroll"><pre tabindex="0"><code>#{line}</code></pre></div></figure></div>)
    end

    # The manifest's texts are paragraphs of AsciiDoc.
    def text(source)
      Asciidoctor.convert(source.to_s, doctype: :inline, safe: :safe, attributes: { 'attribute-missing' => 'skip' }).to_s
    end
  end
end
