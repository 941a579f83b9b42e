# frozen_string_literal: true

module Book
  # Cuts `size` things that do not fit on one slide into as few runs as can be,
  # where it hurts least. `fits` is asked for a run, first to last, and says no to
  # all that are longer; `cost` tells what a cut in front of a thing hurts.
  module SlideCut
    PART = 1000 # what one slide more costs, against which the rest is little
    EVEN = 0.02 # makes runs about as long as each other
    Best = Struct.new(:cost, :from)

    module_function

    def runs(size, fits:, cost: ->(_at) { 0 })
      best = [Best.new(0, nil)]
      (1..size).each do |stop|
        starts = (0...stop).reverse_each.take_while { |start| stop - start == 1 || fits.(start, stop - 1) }
        tries = starts.map do |start|
          length = stop - start
          Best.new(best[start].cost + PART + (start.zero? ? 0 : cost.(start)) + length * length * EVEN, start)
        end
        best << tries.min_by(&:cost)
      end
      trace best, size
    end

    def trace(best, stop)
      found = []
      while stop.positive?
        found.unshift [best[stop].from, stop - 1]
        stop = best[stop].from
      end
      found
    end
  end
end
