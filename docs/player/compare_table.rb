# TraceCompare::Table: what several recorded runs did, as a table.
module TraceCompare
  class Table
    def initialize(runs, id, title)
      @runs, @id = runs, id
      @title = title || "The same script, #{runs.size} times"
    end

    def html
      <<~HTML
        <figure class="compare" id="#{h @id}"><figcaption id="#{h @id}-title">#{@title}</figcaption>
        <div class="tablewrap" tabindex="0" role="group" aria-labelledby="#{h @id}-title"><table>
        <thead><tr>#{@runs.map { |run| %(<th scope="col">#{h run.title}</th>) }.join}</tr></thead>
        #{@runs.first.steps.each_index.map { |at| step(at) }.join("\n")}
        #{counts}
        </table></div></figure>
      HTML
    end

    private

    def h(text) = TracePlayer.escape(text)

    def step(at)
      return "" if @runs.all? { |run| run.cells[at].empty? }

      cells = @runs.map { |run| %(<td><ul>#{run.cells[at].map { |done| item done, at }.join}</ul></td>) }
      %(<tbody><tr class="step"><th scope="rowgroup" colspan="#{@runs.size}"><span>#{h @runs.first.steps[at]}</span></th></tr>) +
        %(<tr>#{cells.join}</tr></tbody>)
    end

    def item(done, at)
      kind, text, times = done
      only = " only" unless @runs.all? { |run| run.cells[at].include? done }
      %(<li class="#{kind}#{only}">#{h text}#{times > 1 ? %( <b>×#{times}</b>) : ""}</li>)
    end

    def counts
      kinds = COUNTED.values.uniq.select { |kind| @runs.any? { |run| run.counts[kind].positive? } }
      rows = kinds.map { |kind| row(kind) { |run| run.counts[kind] } }
      rows << row("together") { |run| run.counts.values.sum }
      %(<tbody class="counts"><tr class="step"><th scope="rowgroup" colspan="#{@runs.size}"><span>The calls, counted</span></th></tr>) +
        %(#{rows.join}</tbody>)
    end

    def row(kind)
      numbers = @runs.map { |run| yield run }
      cells = numbers.map do |number|
        %(<td#{numbers.uniq.size > 1 && number > numbers.min ? ' class="only"' : ""}>#{kind}: <b>#{TraceCompare.grouped(number)}</b></td>)
      end
      "<tr>#{cells.join}</tr>"
    end
  end
end
