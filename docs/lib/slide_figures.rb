# frozen_string_literal: true

require 'slide_cut'
require 'slide_size'

module Book
  # What else of a page stands on a slide, each as [html, …]: one for each slide.
  module SlideFigures
    ROW = %r{<tr\b.*?</tr>}m.freeze
    CELL = %r{<t[dh]\b[^>]*>(.*?)</t[dh]>}m.freeze
    CELL_CHARACTER = 10.8
    RUN = 132 # what stands above the picture of a run
    PLOT = 160 # what stands around a plot
    PANELS = 3 # of a drawing, on one slide

    module_function

    # A drawing of many panels is told in two halves.
    def drawing(html, lead)
      room = %( style="--room: #{SlideSize::BODY - lead - 12}px")
      start, panels, rest = html.match(%r{\A(<figure[^>]*><div[^>]*>)(.*)(</div>.*)\z}m).captures
      panels = panels.scan(%r{<svg\b.*?</svg>}m)
      halves = panels.size > PANELS ? panels.each_slice((panels.size / 2.0).ceil).to_a : [panels]
      halves.each_with_index.map do |some, i|
        head = i.zero? ? start : start.sub(/ id="[^"]*"/, '').sub('aria-label="', "aria-label=\"Part #{i + 1}: ")
        "#{head.sub('<figure', "<figure#{room}")}#{some.join}#{rest}"
      end
    end

    # A plot: the book's, then the reader's if there is one, each on its slide.
    def plot(html, lead)
      head = html[/\A<figure[^>]*>/].sub(' two', '').sub('>', %( style="--room: #{SlideSize::BODY - lead - PLOT}px">))
      title = html[%r{<figcaption>.*?</figcaption>}m]
      runs = html.scan(%r{<div class="run">.*?</p></div>(?=<div class="run">|</div>)}m)
      runs.each_with_index.map do |run, i|
        "#{i.zero? ? head : head.sub(/ id="[^"]*"/, '')}#{title}<div class=\"runs\">#{run}</div></figure>"
      end
    end

    # A recorded run: its picture as large as its slide allows.
    def run(html, _lead)
      height = html[/class="player-line"[^>]* height="(\d+)"/, 1].to_i
      zoom = height.positive? ? ((SlideSize::BODY - RUN) / height.to_f).clamp(0.9, 1.7).floor(2) : 1
      [html.sub('<figure', %(<figure style="--zoom: #{zoom}"))]
    end

    def idea(html, lead)
      grow = SlideSize.grow(SlideSize::BODY - lead - 100) { |by| SlideSize.lines(html, SlideSize::WIDTH - 70, 16.5 * by) * 46 * by }
      [html.sub('<div', %(<div style="--grow: #{grow}"))]
    end

    # Rows that fit, below the same head on each slide.
    def table(html, lead)
      start, body, rest = html.match(%r{\A(.*<tbody>)(.*)(</tbody>.*)\z}m).captures
      rows = body.scan(ROW)
      shares = html.scan(/<col style="width: ([\d.]+)%/).flatten.map { |share| share.to_f / 100 }
      heights = rows.map { |row| row_height row, shares }
      head = start.include?('<thead') ? row_height(start[/<thead>.*/m], shares) : 0
      slices(heights, head, lead).map { |first, last| "#{start}#{rows[first..last].join}#{rest}" }
    end

    def row_height(row, shares)
      cells = row.scan(CELL).flatten
      lines = cells.each_with_index.map do |cell, i|
        SlideSize.lines(cell, (shares[i] || 1.0 / cells.size) * SlideSize::WIDTH - 36, CELL_CHARACTER)
      end
      (lines.max || 1) * 30 + 20
    end

    # Recorded runs side by side: what the clients did is never torn from what
    # it led to.
    def compare(html, lead)
      start, bodies, rest = html.match(%r{\A(.*?</thead>\s*)(<tbody>.*</tbody>)(.*)\z}m).captures
      groups = bodies.scan(%r{<tbody\b.*?</tbody>}m)
      columns = start.scan('<th').size - 1 # one is <thead
      heights = groups.map { |group| group_height group, columns }
      slices(heights, 100, lead).each_with_index.map do |(first, last), i|
        head = i.zero? ? start : start.gsub(/(id|aria-labelledby)="([^"]+)"/) { "#{$1}=\"#{$2}-#{i + 1}\"" }
        "#{head}#{groups[first..last].join}#{rest}"
      end
    end

    def group_height(group, columns)
      width = SlideSize::WIDTH / columns - 60
      group.scan(ROW).sum do |row|
        next 40 if row.include? 'class="step"'

        row.scan(CELL).flatten.map do |cell|
          items = cell.scan(%r{<li\b.*?</li>}m)
          items.empty? ? 28 : items.sum { |item| SlideSize.lines(item, width, 10.9) * 25 } + 20
        end.max
      end
    end

    # A list as it is, a point a line.
    def list(html, _lead) = [html]

    def slices(heights, head, lead)
      SlideCut.runs heights.size, fits: lambda { |first, last|
        head + heights[first..last].sum <= SlideSize::BODY - (first.zero? ? lead : 0)
      }
    end

    # A diagram in characters: as large as it fits.
    def literal(html, lead)
      lines = html[%r{<pre[^>]*>(.*)</pre>}m, 1].split("\n")
      columns = lines.map { |line| SlideSize.columns(line) }.max
      size = [34, 32, 30, *SlideSize::CODE].find do |type|
        columns * SlideSize::ADVANCE * type <= SlideSize::WIDTH - 40 && lines.size * type * 1.3 + 70 <= SlideSize::BODY - lead
      end
      [html.sub('<figure', %(<figure style="--type: #{size || SlideSize::CODE.last}px"))]
    end
  end
end
