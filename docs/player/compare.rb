# TraceCompare: several recorded runs of one script side by side.
#
#   TraceCompare.html("four", ["build/traces/05-edge-oneshot/level.json", …],
#                     id: "compare-four", title: nil)
#
# gives a <figure class="compare"> with a table: a column for each run, a group
# of rows for each thing that a client does, in a cell what the loop did after
# it, and below the calls that it made, counted. What not all of the runs did is
# marked. There is no script: a table can be read, printed and put into an
# e-book as it is. The same files give the same bytes.
require "cgi"
require_relative "player"

module TraceCompare
  CAUSES = %w[connect send finish leave reset].freeze  # a client's own doing
  # What the loop did, by the word under which it is counted.
  COUNTED = { "wait" => "waits", "accept" => "accepts", "read" => "reads", "write" => "writes",
              "writev" => "writes", "add" => "changes to the list", "modify" => "changes to the list",
              "remove" => "changes to the list", "close" => "closes" }.freeze
  LONGEST_ROUND = 3  # things that are repeated together
  FEWEST_ROUNDS = 2

  module_function

  def html(paths, id:, title: nil)
    runs = paths.map { |path| Run.new(path) }
    check runs
    Table.new(runs, id, title).html
  end

  # Side by side makes sense only for runs of one script.
  def check(runs)
    runs.each do |run|
      next if run.steps == runs.first.steps

      at = run.steps.zip(runs.first.steps).index { |a, b| a != b } || run.steps.size
      raise TracePlayer::Error, "#{run.path}:1: not the script of #{runs.first.path}: there the clients' " \
                                "doing #{at + 1} is “#{runs.first.steps[at]}”, here “#{run.steps[at]}”"
    end
  end

  # A recorded run, cut where a client does something.
  class Run
    attr_reader :path, :title, :steps, :cells, :counts

    def initialize(path)
      @path = path
      data = TracePlayer.load(path)
      @title, events = data.fetch("title"), data.fetch("events")
      @steps, @cells = ["The server starts"], [[]]
      @counts = Hash.new(0)
      events.each { |event| take event }
      @cells.map! { |done| TraceCompare.fold(done) }
    rescue KeyError, NoMethodError => error
      raise TracePlayer::Error, "#{path}:1: not a recorded run: #{error.message}"
    end

    private

    def take(event)
      case event["kind"]
      when "stop" then @stopped = true
      when "continue" then @stopped = false
      when *CAUSES
        @steps << "#{said event}#{" while the server is stopped" if @stopped}"
        @cells << []
      else did event
      end
    end

    def did(event)
      kind = COUNTED[event["kind"] == "would_block" ? event["detail"] : event["kind"]]
      @counts[kind] += event.fetch("times", 1) if kind
      words = Words.of(event)
      @cells.last << words if words
    end

    def said(event)
      what = event["detail"] ? "“#{event["detail"]}”" : "#{TraceCompare.grouped(event["n"])} bytes"
      { "connect" => "#{event["who"]} connects", "send" => "#{event["who"]} sends #{what}",
        "finish" => "#{event["who"]} stops sending", "leave" => "#{event["who"]} leaves",
        "reset" => "#{event["who"]} resets" }.fetch(event["kind"])
    end
  end

  # One thing that the loop did: [kind, text], or nothing worth a line.
  module Words
    module_function

    def of(event)
      who = event["who"].empty? ? "nobody" : event["who"]
      case event["kind"]
      when "wait" then ["wait", event["asleep"] ? "wait: sleeps" : "wait: returns at once"]
      when "tick" then ["wait", "tick: #{TraceCompare.grouped(event["n"])} touched"]
      when "event" then ["told", "told#{" again" if event["again"]}: #{who} #{event["detail"].tr(" ", "+")}"]
      when "would_block" then ["vain", "#{event["detail"]} #{who}: not now"]
      when "accept" then ["did", "accept #{who}"]
      when "read" then ["did", "read #{who}: #{event["n"].zero? ? "the end" : TraceCompare.grouped(event["n"])}"]
      when "write", "writev" then ["did", "write #{who}: #{TraceCompare.grouped(event["n"])}"]
      when "add", "modify" then ["ask", "#{event["kind"]} #{who}: #{event["detail"].tr(" ", "+")}"]
      when "remove", "close", "stale" then ["ask", "#{event["kind"]} #{who}"]
      end
    end
  end

  def grouped(number) = number.to_s.gsub(/\d(?=(\d{3})+\z)/, '\0,')

  # What is done over and over is said once: [kind, text, times].
  def fold(done)
    folded = []
    until done.empty?
      length, times = round_of(done)
      kind, text = done[0][0], done[0, length].map(&:last).join(", ")
      folded << [kind, text, times]
      done = done.drop(length * times)
    end
    folded
  end

  def round_of(done)
    (1..LONGEST_ROUND).each do |length|
      round = done[0, length]
      times = 1
      times += 1 while done[length * times, length] == round
      return [length, times] if times >= FEWEST_ROUNDS && round.size == length
    end
    [1, 1]
  end
end

require_relative "compare_table"
