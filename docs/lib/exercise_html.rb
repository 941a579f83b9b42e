# frozen_string_literal: true

require 'cgi'
require 'exercise_answers'
require 'exercise_texts'
require 'exercises'

module Book
  # exercises::[] becomes a list of a chapter's exercises, and a card for each.
  # It all reads, folds and unfolds without JavaScript; with it a card can be
  # ticked off, and remembers what was answered.
  module ExerciseHtml
    include ExerciseTexts
    include ExerciseAnswers

    # What is asked for, and its icon: what differs is never told by colour alone.
    KINDS = {
      'predict' => '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="3"/>',
      'build' => '<rect x="3" y="13" width="8.5" height="7"/><rect x="12.5" y="13" width="8.5" height="7"/><rect x="7.5" y="5" width="9" height="7"/>',
      'mend' => '<path d="M20.3 7.3a5 5 0 0 1-6.7 5.6l-6.7 6.7a2 2 0 0 1-2.8-2.8l6.7-6.7a5 5 0 0 1 5.6-6.7l-2.7 2.7.6 2.7 2.7.6z"/>',
      'extend' => '<path d="M12 5v14M5 12h14"/>',
      'measure' => '<path d="M5 18.5a9 9 0 1 1 14 0M12 13.5l4-5"/><circle cx="12" cy="13.5" r="1"/>'
    }.freeze
    SIZES = ['', 'half a minute', 'five to twenty minutes', 'up to an hour'].freeze

    def convert_exercises(node)
      lack = page(node).book.exercises.lack page(node)
      return lost(node, lack, /^exercises::/) if lack
      return lost(node, 'exercises:: a second time on this page', /^exercises::/) unless page(node).first? :exercises, 'all'

      %(#{exercise_list node.blocks}\n#{node.blocks.map(&:convert).join "\n"})
    end

    def convert_exercise(node)
      one = node.attr 'exercise'
      return lost(node, "exercise #{one['id']}: no such kind: #{one['kind']}") unless KINDS.key? one['kind']

      <<~HTML
        <section class="exercise" id="#{node.id}" aria-labelledby="#{node.id}-title" data-kind="#{one['kind']}" data-exercise="#{one['name']}">
        #{exercise_head node, one}
        #{blocks_of node, one['task']}
        #{exercise_work node, one}
        #{exercise_facts node, one}
        #{hints node, one['hints']}
        #{wrong_ways node, one}</section>
      HTML
    end

    private

    def exercise_list(nodes)
      items = nodes.map do |node|
        one = node.attr 'exercise'
        %(<li data-kind="#{one['kind']}" data-for="#{one['name']}">#{kind_of one} <a href="##{node.id}"><span class="n">#{one['id']}</span> #{node.title}</a> #{size_of one}</li>)
      end
      %(<ol class="exercise-list">#{items.join "\n"}</ol>)
    end

    # The title comes first, so that the search finds the card by it.
    def exercise_head(node, one)
      title = %(<h3 id="#{node.id}-title">#{node.title}<a class="anchor" href="##{node.id}" aria-label="Link to this exercise">#</a></h3>)
      kicker = %(<p class="kicker">Exercise #{one['id']} #{kind_of one}</p>)
      done = %(<label class="done"><input type="checkbox" data-done="#{one['name']}" aria-describedby="#{node.id}-title"> Done</label>)
      %(<header>#{title} #{kicker} #{size_of one} #{done}</header>)
    end

    def kind_of(one)
      %(<span class="kind"><svg viewBox="0 0 24 24" aria-hidden="true">#{KINDS[one['kind']]}</svg>#{one['kind'].to_s.capitalize}</span>)
    end

    def size_of(one)
      level = one['level'].to_i.clamp(1, 3)
      dots = %(<span class="level" role="img" aria-label="Size #{level} of 3: #{SIZES[level]}">#{'●' * level}#{'○' * (3 - level)}</span>)
      minutes = one['minutes'] < 1 ? "#{(one['minutes'] * 60).round} s" : "#{one['minutes'].round} min"
      %(<span class="meta">#{dots} <span>≈ #{minutes}</span></span>)
    end

    # What there is to do, by kind: choose and see, run and write down, or edit and check.
    def exercise_work(node, one)
      case one['kind']
      when 'predict' then prediction node, one
      when 'measure' then measurement node, one
      else terminals node, "tools/workshop start #{one['id']}", "tools/workshop check #{one['id']}"
      end
    end

    # A terminal for each command, so that each can be copied by itself. One of
    # several lines is typed as a whole.
    def terminals(node, *commands)
      plain = Asciidoctor::Block.new(node, :listing)
      figures = commands.map do |command|
        lines = command.lines(chomp: true).map.with_index do |line, i|
          Highlight.line CGI.escapeHTML(line), '', i.zero? ? 'l cmd' : 'l cmd more'
        end
        frame plain, %(<pre tabindex="0"><code>#{lines.join "\n"}</code></pre>), 'console'
      end
      %(<div class="commands">#{figures.join}</div>)
    end

    def exercise_facts(node, one)
      code = !%w[predict measure].include?(one['kind'])
      checks = one['check_titles'].map { |title| "<li>#{check_title node, title}</li>" }
      facts = [
        ['You edit', (edited(one) if code)],
        ['Checked', ("<ul>#{checks.join}</ul>" if checks.any?)],
        ['Explained in', explained(node, one)],
        ['Seen elsewhere', seen_elsewhere(one)]
      ]
      %(<dl class="about">#{facts.map { |name, what| "<div><dt>#{name}</dt><dd>#{what}</dd></div>" if what }.join}</dl>)
    end

    def edited(one)
      folder = "work/#{one['id']}/"
      return "<code>#{folder}#{one['files'][0]}</code>" if one['files'].size == 1

      %(#{one['files'].map { |file| "<code>#{file}</code>" }.join ', '} in <code>#{folder}</code>)
    end

    # The section that holds it: it may be a paragraph, or a line of a listing.
    def explained(node, one)
      book = page(node).book
      name, id = one['explains'].split('#', 2)
      target = book.page_of "chapters/#{name}/chapter.adoc"
      title = target && book.anchors.heading(target, id)
      return lost(node, "exercise #{one['id']} is explained in #{one['explains']}: no such id there", /^\s*explains\s*=/) unless title

      own = target == page(node)
      %(<a href="#{target.href unless own}##{id}">#{title}</a>#{" (chapter #{target.number})" unless own})
    end

    # The exhibits of the bug museum that it is about, and where they were met.
    def seen_elsewhere(one)
      exhibits = one['museum'].map { |name| %(<span class="exhibit">Exhibit #{name}</span>) }
      cases = one['seen'].map { |address| %(<a href="#{CGI.escapeHTML address}">#{CGI.escapeHTML short address}</a>) }
      [exhibits.join(' '), cases.join(', ')].reject(&:empty?).join ' ' if (exhibits + cases).any?
    end

    # As its site calls it: tokio-rs/mio#45.
    def short(address)
      at = %r{\Ahttps://github\.com/([^/]+/[^/]+)/(?:issues|pull|discussions)/(\d+)}.match address
      at ? "#{at[1]}##{at[2]}" : address.sub(%r{\Ahttps?://(www\.)?}, '').chomp('/')
    end

    # One inside of the other: the second can only be opened when the first is.
    def hints(node, texts)
      texts.each_with_index.reverse_each.inject('') do |inner, (text, i)|
        %(<details class="hint"><summary>Hint #{i + 1} of #{texts.size}</summary><div class="content">#{blocks_of node, text}</div>#{inner}</details>)
      end
    end

    def wrong_ways(node, one)
      return if one['mutants'].empty?

      titles = one['checks'].zip(one['check_titles']).to_h
      items = one['mutants'].map do |mutant|
        %(<li>#{blocks_of node, mutant['why']}<p class="by">What notices: #{check_title node, titles[mutant['killed_by']].to_s}</p></li>)
      end
      %(<details class="wrong"><summary>Afterwards: tempting, and wrong</summary><div class="content"><ul>#{items.join}</ul></div></details>)
    end
  end
end
