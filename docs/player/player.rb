# TracePlayer: a recorded run (tools/trace) as a figure that can be stepped
# through.
#
#   TracePlayer.html("build/traces/03-poll/told-again.json", id: "told-again",
#                    source_href: ->(file, line) { "src/#{file}.html#L#{line}" })
#
# gives one <figure class="player">: a timeline as SVG and the same run in words.
# player.css gives it the theme's colours and player.js the buttons; without
# them it is still a picture with a description. The same file gives the same
# bytes. From a shell it writes a page that stands alone:
#
#   ruby docs/player/player.rb RUN.json PAGE.html
require "cgi"
require "json"
require_relative "timeline"

module TracePlayer
  class Error < StandardError; end

  ROOT = File.expand_path("../..", __dir__)

  # Of a page with nothing but the player.
  PAGE_STYLE = <<~CSS
    :root { color-scheme: light dark; }
    body { margin: 0; background: light-dark(#ffffff, #0f1722); color: light-dark(#1d2733, #d6dee8);
      font: 400 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", sans-serif; }
    main { max-width: 84rem; margin: 2rem auto; padding: 0 1rem; }
    h1 { line-height: 1.15; margin: 0 0 .5rem; }
    a { color: light-dark(#1553c7, #8ab6ff); }
  CSS

  module_function

  def html(json_path, id:, title: nil, source_href: ->(_file, _line) {})
    run = load(json_path)
    title = title ? CGI.unescapeHTML(title) : run.fetch("title")  # Asciidoctor's is escaped
    Figure.new(run, id, title, source_href).html
  rescue KeyError, NoMethodError, TypeError => error
    raise Error, "#{json_path}:1: not a recorded run: #{error.message}"
  end

  def load(json_path)
    text = File.read(json_path, encoding: "UTF-8")
    JSON.parse(text)
  rescue Errno::ENOENT
    raise Error, "#{json_path}: there is no such recorded run: make traces"
  rescue JSON::ParserError => error
    raise Error, "#{json_path}:#{bad_line(text, error.message)}: cut off or damaged: " \
                 "#{error.message.lines.first.strip[0, 80]}"
  end

  # Where the parser stopped: new ones say the line, old ones quote the rest.
  def bad_line(text, message)
    said = message[/line (\d+)/, 1] and return said.to_i
    rest = message[/token at '(.*?)'?\s*\z/m, 1]
    at = rest && !rest.empty? ? text.rindex(rest) : nil
    text[0, at || text.size].count("\n") + 1
  end

  def escape(text)
    CGI.escapeHTML(text.to_s)
  end

  # One source file's lines, coloured when rouge is there.
  class Source
    def initialize(root)
      @root = root
      @files = {}
    end

    def line(file, number)
      text = lines(file)[number - 1] or
        raise Error, "#{file}:#{number}: the recorded run names this line, and there is none"
      colour(text.strip.sub(%r{\s*// <\d+>(\s*<\d+>)*\z}, ""))
    end

    def colour(text)
      require "rouge"
      Rouge::Formatters::HTML.new.format(Rouge::Lexers::Cpp.new.lex(text))
    rescue LoadError
      TracePlayer.escape(text)
    end

    private

    def lines(file)
      @files[file] ||= File.readlines(File.join(@root, file), chomp: true, encoding: "UTF-8")
    rescue Errno::ENOENT
      raise Error, "#{file}: the recorded run names this file, and there is none"
    end
  end

  # The figure: timeline, legend, and every event in words.
  class Figure
    def initialize(run, id, title, source_href)
      @run, @id, @title, @source_href = run, id, title, source_href
      @source = Source.new(ROOT)
    end

    def html
      timeline = Timeline.new(@run, @id, @title)
      <<~HTML
        <figure class="player" id="#{h @id}" data-columns="#{columns.join(" ")}">
        <div class="player-head"><strong>#{h @title}</strong> <span>#{h @run.fetch("about")}</span></div>
        <div class="player-box" tabindex="0" role="group" aria-label="#{h @title}: timeline">
        #{timeline.labels}
        #{timeline.svg}
        </div>
        <div class="player-rows" aria-hidden="true">
        #{timeline.rows.join("\n")}
        </div>
        #{legend}
        <details class="player-words"><summary>The run in words: #{events.size} events of <code>#{h @run.fetch("program")}</code></summary>
        <ol>
        #{items.join("\n")}
        </ol></details>
        </figure>
      HTML
    end

    private

    def h(text) = TracePlayer.escape(text)
    def events = @run.fetch("events")

    # Which columns of the state table ever hold something.
    def columns
      rows = events.flat_map { |event| event["state"]["rows"] }
      %w[unread queued replies].select { |key| rows.any? { |row| row[key] != 0 } } +
        (rows.any? { |row| row["asks"] != "" } ? ["asks"] : [])
    end

    def legend
      swatch = ->(kind, text) { %(<li><i class="#{kind}"></i>#{text}</li>) }
      parts = [swatch["sleep", "asleep"], swatch["run", "at work"]]
      parts << swatch["wake", "what woke it"]
      parts << swatch["bytes", "bytes that wait in the kernel"]
      parts << swatch["asks", "asks: readable?"] if columns.include?("asks")
      parts << swatch["asks-out", "asks: writable?"] if events.any? { |e| writable_asked?(e) }
      parts << swatch["vain", "“not now”"] if events.any? { |e| e["kind"] == "would_block" }
      %(<ul class="player-legend">#{parts.join}</ul>)
    end

    def writable_asked?(event)
      event["state"]["rows"].any? { |row| row["asks"].include?("writable") }
    end

    def items
      events.each_with_index.map do |event, i|
        %(<li data-state="#{h JSON.generate(compact(event["state"]))}"><span class="at">) +
          %(#{TracePlayer.milliseconds(event["us"])}</span> <span class="says" id="#{h @id}-e#{i}">) +
          %(#{h event.fetch("sentence")}</span>#{source(event)}</li>)
      end
    end

    def compact(state)
      { l: state["listen"], a: state["listener_asks"],
        t: state["threads"].map { |thread| thread.values_at("name", "is") },
        r: state["rows"].map do |row|
             row.values_at("who", "fd", "token", "unread", "end", "queued", "replies", "asks", "is")
           end }
    end

    def source(event)
      file, line = event.values_at("file", "line")
      return "" unless file
      code = event["text"] ? @source.colour(event["text"]) : @source.line(file, line)
      name = h "#{File.basename(file)}:#{line}"
      href = @source_href.call(file, line)
      place = href ? %(<a href="#{h href}">#{name}</a>) : "<span>#{name}</span>"
      %( <span class="src">#{place} <code class="rouge highlight">#{code}</code></span>)
    end
  end

  def milliseconds(us)
    us >= 100_000 ? format("%.0f ms", us / 1000.0) : format("%.2f ms", us / 1000.0)
  end

  # A page with nothing but the player, for `tools/trace show`.
  def page(json_path)
    run = load(json_path)
    asset = ->(name) { File.read(File.join(__dir__, name), encoding: "UTF-8") }
    <<~HTML
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>#{escape run["title"]}: a run of your own</title>
      <style>#{PAGE_STYLE}#{asset["player.css"]}</style></head>
      <body><main><h1>#{escape run["title"]}</h1>
      <p>Recorded on this machine, chapter #{escape run["chapter"]}, program <code>#{escape run["program"]}</code>.</p>
      #{html(json_path, id: "run", title: "Your own run", source_href: ->(file, _line) { "file://#{ROOT}/#{file}" })}</main>
      <script>#{asset["player.js"]}</script></body></html>
    HTML
  end
end

if $PROGRAM_NAME == __FILE__
  abort "usage: ruby docs/player/player.rb RUN.json PAGE.html" unless ARGV.size == 2
  begin
    File.write(ARGV[1], TracePlayer.page(ARGV[0]))
  rescue TracePlayer::Error => error
    abort "player: #{error.message}"
  end
end
