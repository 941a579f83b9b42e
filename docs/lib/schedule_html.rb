# frozen_string_literal: true

require 'cgi'
require 'converter'
require 'schedules'

module Book
  # What schedule:: and teaching:: become.
  module ScheduleHtml
    PAUSES = %w[break lunch].freeze

    def convert_schedule(node)
      name = node.attr 'target'
      at = /^schedule::#{Regexp.escape name}\[/
      return lost(node, Schedules::LACK, at) if Schedules.all.empty?

      one = Schedules.named name
      return lost(node, "no such schedule: #{name}; there are #{Schedules.all.map { |each| each['name'] }.join ', '}", at) unless one

      days = one['days'].each_with_index.map { |rows, i| day node, rows, ("Day #{i + 1}" if one['days'].size > 1) }
      <<~HTML
        <p class="schedule-sum">#{one['work']} of work, #{one['hands_on']} of it on exercises.</p>
        <div class="tablewrap" tabindex="0" role="group" aria-label="Schedule: #{one['title']}"><table class="schedule"><thead><tr><th scope="col">Time</th><th scope="col" class="min">Minutes</th><th scope="col">What</th></tr></thead>#{days.join "\n"}</table></div>
        #{left_out node, one['left']}
      HTML
    end

    # Only when there is nothing to teach from: else it has become sections.
    def convert_teaching(node)
      lost node, Schedules::LACK, /^teaching::/
    end

    # The exercises of a chapter, with the minutes alone.
    def convert_teaching_exercises(node)
      chapter = node.attr 'chapter'
      rows = chapter['exercises'].map do |one|
        %(<tr><td>#{exercise_link node, one['id']}</td><td>#{title_of node, one}</td><td>#{one['kind']}</td><td class="min">#{minutes one['minutes']}</td></tr>)
      end
      %(<div class="tablewrap" tabindex="0" role="group" aria-label="Exercises of chapter #{chapter['number']}"><table class="schedule"><thead><tr><th scope="col">Exercise</th><th scope="col">Title</th><th scope="col">Kind</th><th scope="col" class="min">Minutes alone</th></tr></thead><tbody>#{rows.join}</tbody></table></div>)
    end

    private

    def day(node, rows, name)
      head = %(<tr class="day"><th colspan="3" scope="rowgroup">#{name}</th></tr>) if name
      lines = rows.map do |row|
        pause = ' class="pause"' if PAUSES.include? row['kind']
        %(<tr#{pause}><td>#{row['from']}</td><td class="min">#{row['minutes']}</td><td#{' class="inner"' if row['exercises'].any?}>#{what node, row}</td></tr>)
      end
      %(<tbody>#{head}#{lines.join "\n"}<tr class="pause"><td>#{rows.last['to']}</td><td></td><td>The end</td></tr></tbody>)
    end

    def what(node, row)
      title = title_html node, row['title']
      return linked(node, title) if row['exercises'].any?
      return title if row['chapter'].empty?

      %(#{chapter_link node, row['chapter']} #{title})
    end

    # Each number of an exercise in a text leads to its card.
    def linked(node, text) = text.gsub(/\b\d\d\.\d+\b/) { |id| exercise_link node, id }

    def exercise_link(node, id)
      target = chapter_page node, id[0, 2]
      anchor = Exercises.anchor 'id' => id
      return id unless target

      there = page(node).book.anchors.title target, anchor
      %(<a href="#{target.href}#{"##{anchor}" if there}">#{id}</a>)
    end

    def chapter_link(node, number)
      target = chapter_page node, number
      target ? %(<a href="#{target.href}">#{number}</a>) : number
    end

    def chapter_page(node, number) = page(node).book.chapters.find { |each| each.number == number.to_i }

    def title_of(node, one) = title_html(node, one['title'])
    def title_html(node, text) = Asciidoctor::Block.new(node, :paragraph, source: text, subs: :default).content

    def minutes(count)
      count < 1 ? 'under 1' : count.round.to_s
    end

    def left_out(node, left)
      return '' if left.empty?

      items = left.map { |one| "<li>#{one['what'].map { |id| id.include?('.') ? exercise_link(node, id) : "chapter #{chapter_link node, id}" }.join ', '}: #{CGI.escapeHTML one['why']}</li>" }
      %(<details class="left-out"><summary>What is left out, and why</summary><div class="content"><ul>#{items.join}</ul></div></details>)
    end
  end

  Converter.include ScheduleHtml
end
