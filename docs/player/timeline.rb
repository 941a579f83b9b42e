# TracePlayer::Timeline: the picture of a recorded run. Its lanes go from top to
# bottom, its events from left to right, each in a column of its own; idle time
# takes no room, but what it measured is written below.
#
# Presentation attributes carry the light palette, for paper and e-books;
# classes carry the theme (player.css), and CSS beats attributes.
module TracePlayer
  class Timeline
    LABELS = 138                     # width of the lanes' names
    HEIGHT = { "clients" => 50, "kernel" => 40, "thread" => 36, "descriptor" => 46 }.freeze
    ROW = 690                        # width of a printed row
    GAP = 4_000                      # microseconds that count as a pause
    INK, MUTED, RULE, PAPER = "#1d2733", "#566577", "#d9e1ea", "#ffffff"
    RAISE, RED, QUEUE = "#f3f6fa", "#b4232f", "#0b7261"
    PEOPLE = ["#1553c7", "#c2410c", "#7a2fb5", "#8a5a00"].freeze
    VERBS = { "connect" => "connects", "send" => "sends", "hear" => "hears", "end" => "hears end",
              "silence" => "silence", "finish" => "ends", "leave" => "leaves",
              "reset" => "resets" }.freeze
    SHORT = { "readable" => "in", "writable" => "out", "readable writable" => "in+out",
              "readable writable hangup" => "hangup", "nothing" => "–", "" => "" }.freeze

    def initialize(run, id, title)
      @id, @title = id, title
      @about = run.fetch("about")
      @events = run.fetch("events")
      @lanes = run.fetch("lanes")
      @order = @lanes.map { |lane| lane["id"][/\Ain-(.*)/, 1] }.compact
      # A note of "×5,214" stands below its event and needs room there.
      more = @events.any? { |event| event["times"] } ? 10 : 0
      @tall = HEIGHT.merge("thread" => HEIGHT["thread"] + more, "descriptor" => HEIGHT["descriptor"] + more)
      place
    end

    def labels
      texts = @lanes.map do |lane|
        middle = @top[lane["id"]] + @tall[lane["kind"]] / 2
        name_y = lane["sub"] == "" ? middle + 4 : middle - 2
        band(lane, LABELS) +
          %(<text class="lane wide" x="10" y="#{name_y}" font-weight="600" fill="#{INK}">#{h lane["name"]}</text>) +
          %(<text class="lane narrow" x="10" y="#{name_y}" font-weight="600" fill="#{INK}" display="none">#{h short(lane)}</text>) +
          %(<text class="sub wide" x="10" y="#{name_y + 13}" font-size="10" fill="#{MUTED}">#{h lane["sub"]}</text>) +
          %(<text class="sub narrow" x="10" y="#{name_y + 13}" font-size="10" fill="#{MUTED}" display="none">#{h short_sub(lane)}</text>)
      end
      %(<svg class="player-labels" xmlns="http://www.w3.org/2000/svg" width="#{LABELS}" height="#{@height}" ) +
        %(viewBox="0 0 #{LABELS} #{@height}" preserveAspectRatio="xMinYMin slice" aria-hidden="true" ) +
        %(font-family="sans-serif" font-size="12">#{texts.join("\n")}</svg>)
    end

    def svg
      words = @events.map { |event| event["sentence"] }.join(" ")
      <<~SVG.chomp
        <svg class="player-line" xmlns="http://www.w3.org/2000/svg" width="#{@width}" height="#{@height}" viewBox="0 0 #{@width} #{@height}" role="img" aria-labelledby="#{id "title"}" aria-describedby="#{id "desc"}" font-family="sans-serif" font-size="12">
        <title id="#{id "title"}">#{h @title}: #{@events.size} events</title>
        <desc id="#{id "desc"}">#{h "#{@about} #{words}"}</desc>
        <defs><pattern id="#{id "hatch"}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6" stroke="#{MUTED}" stroke-width="1.6" stroke-opacity=".55"/></pattern></defs>
        <g id="#{id "all"}">
        #{drawing.join("\n")}
        </g>
        <rect class="veil" x="0" y="0" width="0" height="#{@height}" fill="#{PAPER}" fill-opacity="0"/>
        #{columns.join("\n")}
        </svg>
      SVG
    end

    # For paper: the same drawing, cut into rows. A word that a cut goes through
    # sticks out by half a letter, hence the last few units.
    def rows
      breaks = [0.0]
      @events.each_index do |i|
        breaks << @left[i] if @left[i] + @wide[i] - breaks.last > ROW - LABELS - 16
      end
      breaks.each_with_index.map do |from, i|
        to = breaks[i + 1] || @width
        %(<div>#{labels}<svg xmlns="http://www.w3.org/2000/svg" width="#{n(to - from)}" height="#{@height}" ) +
          %(viewBox="#{n from} 0 #{n(to - from)} #{@height}" font-family="sans-serif" font-size="12">) +
          %(<use href="##{id "all"}"/></svg></div>)
      end
    end

    private

    def h(text) = TracePlayer.escape(text)
    def id(name) = h("#{@id}-#{name}")
    def n(number) = format("%.1f", number).sub(/\.0\z/, "")

    # -- where things are ----------------------------------------------------
    def place
      @top = {}
      y = 1
      @lanes.each { |lane| y += @tall.fetch(lane["kind"]) if @top.store(lane["id"], y) }
      @bottom = y
      @height = y + 24
      @wide = @events.map { |event| width_of(event) }
      @left = []
      x = 6.0
      @events.each_index do |i|
        x += 30 if pause(i)
        @left << x
        x += @wide[i]
      end
      @width = (x + 34).ceil
    end

    def width_of(event)
      return 50 if VERBS.key?(event["kind"])
      return 46 if event["kind"] == "tick"
      return 26 unless chip(event)
      [chip(event).size, event["times"] ? grouped(event["times"]).size + 1 : 0].max * 6.0 + 16
    end

    # A lane's name where there is little room.
    def short(lane)
      case lane["id"]
      when /\Ain-/ then "From #{lane["who"]}"
      when /\Aout-/ then "To #{lane["who"]}"
      when "listen" then "Queue"
      when /\Aconn-/ then "Client #{lane["who"]}"
      else lane["name"]
      end
    end

    def short_sub(lane)
      lane["sub"].sub("descriptor", "fd").sub("token ", "").sub(/, not heard yet|asleep or at work/, "")
    end

    # Microseconds of sleep before event i; nil when it is not worth a mark.
    def pause(i)
      return if i.zero? || @events[i - 1]["state"]["threads"].any? { |each| each["is"] == "awake" }
      us = @events[i]["us"] - @events[i - 1]["us"]
      us if us >= GAP
    end

    def x(i) = @left[i] + @wide[i] / 2
    def middle(lane) = @top.fetch(lane) + @tall[kind_of(lane)] / 2
    def kind_of(lane) = @lanes.find { |each| each["id"] == lane }["kind"]
    def grouped(number) = number.to_s.gsub(/(?<=\d)(?=(\d{3})+\z)/, ",")
    def colour(who) = who == "listener" ? QUEUE : PEOPLE[person(who)]
    def person(who) = (@order.index(who) || 0) % PEOPLE.size
    def css(who) = who == "listener" || who == "" ? "wl" : "w#{person(who)}"

    # What stands on an event's chip; nil: it has none.
    def chip(event)
      case event["kind"]
      when "event" then SHORT.fetch(event["detail"].to_s, "event")
      when "interest" then "ask #{SHORT.fetch(event["detail"].to_s, "?")}"
      when "would_block" then event["detail"]
      when "wait", "wake", "call", "tick", "stop", "continue" then nil
      else event["kind"] unless VERBS.key?(event["kind"])
      end
    end

    # -- drawing -------------------------------------------------------------
    def drawing
      @lanes.map { |lane| band(lane, @width) } + pauses + kernel_lanes + interest_lanes +
        thread_lanes + causes + @events.each_with_index.map { |event, i| mark(event, i) } + times
    end

    def band(lane, width)
      top, height = @top[lane["id"]], @tall[lane["kind"]]
      fill = %(<rect class="band" x="0" y="#{top}" width="#{width}" height="#{height}" fill="#{RAISE}"/>)
      rule = %(<line class="rule" x1="0" x2="#{width}" y1="#{top + height}" y2="#{top + height}" stroke="#{RULE}"/>)
      (lane["kind"] == "kernel" ? fill : "") + rule
    end

    def columns
      @events.each_with_index.map do |event, i|
        %(<rect class="col" data-i="#{i}" x="#{n @left[i]}" y="0" width="#{n @wide[i]}" height="#{@bottom}" ) +
          %(fill="#{INK}" fill-opacity="0"><title>#{h event["sentence"]}</title></rect>)
      end
    end

    def pauses
      @events.each_index.select { |i| pause(i) }.map do |i|
        middle = @left[i] - 15
        text = pause(i) >= 100_000 ? format("%.1f s", pause(i) / 1e6) : format("%.0f ms", pause(i) / 1e3)
        %(<line class="pause" x1="#{n middle}" x2="#{n middle}" y1="1" y2="#{@bottom}" stroke="#{RULE}" stroke-width="9" stroke-dasharray="2 3"/>) +
          %(<text class="sub" x="#{n middle}" y="#{@bottom + 15}" text-anchor="middle" font-size="10" font-weight="600" fill="#{MUTED}">+#{text}</text>)
      end
    end

    def times
      last = -99.0
      @events.each_index.map do |i|
        next if x(i) - last < 74 || !VERBS.key?(@events[i]["kind"]) || pause(i)
        next if (i + 1...@events.size).any? { |j| pause(j) && @left[j] - 15 - x(i) < 58 && @left[j] - 15 > x(i) }
        last = x(i)
        %(<text class="sub" x="#{n x(i)}" y="#{@bottom + 15}" text-anchor="middle" font-size="10" fill="#{MUTED}">#{TracePlayer.milliseconds(@events[i]["us"])}</text>)
      end.compact
    end

    # Stretches of events for which the block gives the same, not nil.
    def stretches
      values = @events.map { |event| yield event["state"] }
      from = 0
      values.chunk_while { |a, b| a == b }.flat_map do |same|
        first, from = from, from + same.size
        same.first.nil? ? [] : [[same.first, first, [first + same.size, @events.size].min]]
      end
    end

    def right(to) = to < @events.size ? x(to) : @width - 6.0
    def row(state, who) = state["rows"].find { |each| each["who"] == who }

    # -- the kernel's lanes: bars of what waits ------------------------------
    def kernel_lanes
      waiting = stretches { |state| state["listen"].empty? ? nil : state["listen"].join(" ") }
      parts = waiting.map { |names, from, to| box("listen", "wl", QUEUE, from, to, 20, names) }
      @lanes.select { |lane| lane["id"] =~ /\A(in|out)-/ }.each do |lane|
        key = lane["id"].start_with?("in-") ? "unread" : "replies"
        parts.concat(level(lane["id"], lane["who"], key))
        parts.concat(ends(lane["id"], lane["who"])) if key == "unread"
      end
      parts
    end

    def level(lane, who, key)
      found = stretches { |state| value = row(state, who)&.fetch(key); value&.positive? ? value : nil }
      most = found.map(&:first).max
      found.map do |value, from, to|
        height = [6, 28.0 * value / most].max
        text = ["#{grouped(value)} bytes", grouped(value)].find { |each| fits?(each, from, to) }
        box(lane, css(who), colour(who), from, to, height, text.to_s)
      end
    end

    def ends(lane, who)
      found = stretches do |state|
        each = row(state, who)
        each && each["end"] != "" && each["is"] != "closed" ? each["end"] : nil
      end
      found.map do |what, from, to|
        text = what == "reset" ? "RST" : "end"
        y = middle(lane)
        %(<g class="#{css(who)}"><rect class="end" x="#{n x(from)}" y="#{y - 9}" width="#{n(right(to) - x(from))}" height="18" rx="3" fill="none" stroke="#{colour(who)}" stroke-dasharray="3 3"/>) +
          %(<text class="tint" x="#{n(x(from) + 5)}" y="#{y + 4}" font-size="10" font-weight="600" fill="#{colour(who)}">#{text}</text></g>)
      end
    end

    def fits?(text, from, to) = text.size * 6.2 + 8 <= right(to) - x(from)

    # A bar that stands on its lane's floor.
    def box(lane, css, colour, from, to, height, text)
      floor = @top[lane] + HEIGHT["kernel"] - 5
      width = right(to) - x(from)
      label = ""
      if fits?(text, from, to)
        inside = height >= 15
        y = inside ? floor - height / 2 + 4 : floor - height - 3
        label = %(<text class="tint" x="#{n(x(from) + (inside ? width / 2 : 2))}" y="#{n y}" text-anchor="#{inside ? "middle" : "start"}" font-size="10.5" font-weight="600" fill="#{colour}">#{h text}</text>)
      end
      %(<g class="#{css}"><rect class="bar" x="#{n x(from)}" y="#{n(floor - height)}" width="#{n width}" height="#{n height}" rx="2" fill="#{colour}" fill-opacity=".2" stroke="#{colour}" stroke-width="1.2"/>#{label}</g>)
    end

    # -- what is asked for: a line on the floor of a descriptor's lane -------
    def interest_lanes
      @lanes.select { |lane| lane["kind"] == "descriptor" }.flat_map do |lane|
        who = lane["who"]
        asked = stretches do |state|
          words = who == "listener" ? state["listener_asks"] : row(state, who)&.fetch("asks")
          words.to_s == "" || words == "nothing" ? nil : words
        end
        asked.flat_map { |words, from, to| asks(lane["id"], who, words, from, to) }
      end
    end

    def asks(lane, who, words, from, to)
      floor = @top[lane] + @tall["descriptor"] - 4
      line = lambda do |css, colour, y|
        %(<line class="#{css}" x1="#{n x(from)}" x2="#{n right(to)}" y1="#{y}" y2="#{y}" stroke="#{colour}" stroke-width="3"/>)
      end
      [words.include?("readable") ? %(<g class="#{css(who)}">#{line["asked", colour(who), floor]}</g>) : "",
       words.include?("writable") ? line["asked-out", RED, floor - 5] : ""]
    end

    # -- threads: hatched is asleep, solid is at work -------------------------
    def thread_lanes
      @lanes.select { |lane| lane["kind"] == "thread" }.flat_map do |lane|
        spans = stretches { |state| state["threads"].find { |each| each["name"] == lane["name"] }&.fetch("is") }
        spans.map { |what, from, to| span(lane["id"], what, from, to) }
      end
    end

    def span(lane, what, from, to)
      y, left, width = middle(lane), x(from), right(to) - x(from)
      asleep = what.start_with?("asleep")
      fill = asleep ? "url(##{@id}-hatch)" : INK
      %(<g class="#{asleep ? "sleep" : "run"}"><rect x="#{n left}" y="#{y - 8}" width="#{n width}" height="16" rx="2" fill="#{fill}" stroke="#{MUTED}" stroke-opacity=".5"/>) +
        span_label(lane, what, from, to, asleep) + "</g>"
    end

    # In the widest gap between the marks of the stretch, if it fits there.
    def span_label(lane, what, from, to, asleep)
      text = what == "awake" ? "at work" : what.sub("asleep in", "asleep:")
      text = "stopped" if what.end_with?("stopped")
      marks = (from...to).select { |i| @events[i]["lane"] == lane }.map { |i| x(i) }
      left, right = [x(from), *marks, right(to)].each_cons(2).max_by { |a, b| b - a }
      return "" if text.size * 5.6 + 24 > right - left
      middle_x, y = (left + right) / 2, middle(lane)
      plate = %(<rect class="plate" x="#{n(middle_x - text.size * 2.9 - 3)}" y="#{y - 6}" width="#{n(text.size * 5.8 + 6)}" height="12" rx="3" fill="#{PAPER}"/>)
      (asleep ? plate : "") +
        %(<text class="#{asleep ? "sub" : "on"}" x="#{n middle_x}" y="#{y + 3.5}" text-anchor="middle" font-size="10" font-weight="600" fill="#{asleep ? MUTED : PAPER}">#{h text}</text>)
    end

    # -- what ended a sleep ----------------------------------------------------
    def causes
      @events.each_with_index.flat_map do |event, i|
        from = (event["woken"] || []).select { |lane| @top.key?(lane) }
        next [] if from.empty?
        thread = "thread-#{event["thread"] || 1}"
        tops = from.map { |lane| @top[lane] + HEIGHT["kernel"] - 5 }
        [%(<line class="cause" x1="#{n x(i)}" x2="#{n x(i)}" y1="#{tops.min}" y2="#{middle(thread) - 9}" stroke="#{INK}" stroke-width="1.4" stroke-dasharray="2 3"/>),
         *tops.map { |y| %(<circle class="cause-dot" cx="#{n x(i)}" cy="#{y}" r="2.6" fill="#{INK}"/>) }]
      end
    end

    # -- one event -------------------------------------------------------------
    def mark(event, i)
      inner =
        if VERBS.key?(event["kind"]) then client(event, i)
        elsif chip(event) then descriptor(event, i)
        else loop_mark(event, i)
        end
      %(<g class="ev #{css(event["who"])}">#{inner}</g>)
    end

    def client(event, i)
      who, at, top = event["who"], n(x(i)), @top["clients"]
      heard = %w[hear end silence].include?(event["kind"])
      verb = VERBS[event["kind"]]
      disc = heard ? %(class="hollow" fill="#{PAPER}" stroke="#{colour(who)}" stroke-width="1.6") : %(class="full" fill="#{colour(who)}")
      drop_to = { "connect" => "listen", "hear" => "out-#{who}" }[event["kind"]] || "in-#{who}"
      drop = ""
      unless %w[silence end].include?(event["kind"]) || !@top.key?(drop_to)
        drop = %(<line class="drop" x1="#{at}" x2="#{at}" y1="#{top + 43}" y2="#{@top[drop_to] + HEIGHT["kernel"] - 6}" stroke="#{colour(who)}" stroke-width="1.3"/>)
      end
      drop + %(<circle #{disc} cx="#{at}" cy="#{top + 17}" r="10.5"/>) +
        %(<text class="#{heard ? "tint" : "on"}" x="#{at}" y="#{top + 21}" text-anchor="middle" font-size="11.5" font-weight="700" fill="#{heard ? colour(who) : PAPER}">#{h who}</text>) +
        %(<text class="sub" x="#{at}" y="#{top + 40}" text-anchor="middle" font-size="10" fill="#{MUTED}">#{verb}</text>)
    end

    def descriptor(event, i)
      text = chip(event)
      width = text.size * 6.0 + 10
      y = @top[event["lane"]] + 18
      style, fill, ink = chip_style(event)
      times = event["times"] ? %(<text class="sub" x="#{n x(i)}" y="#{y + 20}" text-anchor="middle" font-size="9.5" font-weight="600" fill="#{MUTED}">×#{grouped(event["times"])}</text>) : ""
      %(<g class="#{style}"><rect class="chip" x="#{n(x(i) - width / 2)}" y="#{y - 9}" width="#{n width}" height="18" rx="4" #{fill}/>) +
        %(<text class="chip-text" x="#{n x(i)}" y="#{y + 3.5}" text-anchor="middle" font-family="monospace" font-size="10" font-weight="600" fill="#{ink}">#{h text}</text></g>#{times})
    end

    # Filled: a call that did something. Outlined: the kernel or the server
    # says something. Dashed: it was in vain.
    def chip_style(event)
      tint = event["who"] == "" ? QUEUE : colour(event["who"])
      case event["kind"]
      when "would_block" then ["vain", %(fill="none" stroke="#{MUTED}" stroke-dasharray="2 2"), MUTED]
      when "stale" then ["stale", %(fill="#{RED}"), PAPER]
      when "event" then ["told", %(fill="#{PAPER}" stroke="#{tint}" stroke-width="1.5"), tint]
      when "interest", "add", "modify", "remove" then ["asking", %(fill="#{RAISE}" stroke="#{RULE}"), INK]
      else event["error"] ? ["stale", %(fill="#{RED}"), PAPER] : ["did", %(fill="#{tint}"), PAPER]
      end
    end

    def loop_mark(event, i)
      at, y = n(x(i)), middle(event["lane"])
      case event["kind"]
      when "wake"
        text = event["error"] ? "!" : event["n"].to_s
        times = event["times"] ? %(<text class="sub" x="#{at}" y="#{y + 19}" text-anchor="middle" font-size="9.5" font-weight="600" fill="#{MUTED}">×#{grouped(event["times"])}</text>) : ""
        %(<circle class="dot" cx="#{at}" cy="#{y}" r="9" fill="#{PAPER}" stroke="#{INK}" stroke-width="1.6"/><text class="lane" x="#{at}" y="#{y + 4}" text-anchor="middle" font-size="11" font-weight="700" fill="#{INK}">#{text}</text>#{times})
      when "tick"
        %(<rect class="dot" x="#{n(x(i) - 18)}" y="#{y - 9}" width="36" height="18" rx="9" fill="#{PAPER}" stroke="#{INK}" stroke-width="1.6"/><text class="lane" x="#{at}" y="#{y + 4}" text-anchor="middle" font-size="11" font-weight="700" fill="#{INK}">tick</text>)
      when "stop"
        %(<circle class="dot" cx="#{at}" cy="#{y}" r="9" fill="#{PAPER}" stroke="#{INK}" stroke-width="1.6"/><path class="glyph" d="M#{n(x(i) - 3.5)} #{y - 4}v8h2.4v-8zm4.6 0v8h2.4v-8z" fill="#{INK}"/>)
      when "continue"
        %(<circle class="dot" cx="#{at}" cy="#{y}" r="9" fill="#{PAPER}" stroke="#{INK}" stroke-width="1.6"/><path class="glyph" d="M#{n(x(i) - 2.5)} #{y - 4.5}l7 4.5l-7 4.5z" fill="#{INK}"/>)
      else
        %(<circle class="dot" cx="#{at}" cy="#{y}" r="4" fill="#{PAPER}" stroke="#{INK}" stroke-width="1.6"/>)
      end
    end
  end
end
