# frozen_string_literal: true

require 'asciidoctor/extensions'
require 'exercises'

module Book
  # Macros only say what they are. What they become, and what can be wrong with
  # them, is the converter's matter: blocks know their place in the source then.
  class BlockMacro < Asciidoctor::Extensions::BlockMacroProcessor
    use_dsl

    def process(parent, target, attributes)
      create_block parent, config[:name].to_s.tr('-', '_').to_sym, nil, attributes.merge('target' => target)
    end
  end

  class InlineMacro < Asciidoctor::Extensions::InlineMacroProcessor
    use_dsl

    def process(parent, target, attributes)
      create_inline parent, config[:name].to_sym, attributes['text'].to_s, target: target
    end
  end

  # trace::two-clients[title="…"]: a recorded run, to step through.
  class TraceMacro < BlockMacro
    named :trace
  end

  # compare::four-triggers[runs="level,edge",title="…"]: recorded runs of one
  # script side by side.
  class CompareMacro < BlockMacro
    named :compare
  end

  # toy::backlog[title="…",noscript="…"]: something to play with.
  class ToyMacro < BlockMacro
    named :toy
  end

  # drawing::mailboxes[alt="…",title="…"]
  class DrawingMacro < BlockMacro
    named :drawing
  end

  # exercises::[]: a card for each exercise of the chapter's manifest.
  class ExercisesMacro < BlockMacro
    named :exercises

    def process(parent, target, attributes)
      list = super
      page = parent.document.options[:page]
      page.book.exercises.of(page).each { |one| list << card(list, page, one) }
      list
    end

    private

    # Registered, so that any text can refer to it.
    def card(list, page, one)
      block = create_block list, :exercise, nil, { 'exercise' => one }
      block.id = Exercises.anchor one
      block.title = one['title']
      block.source_location = page.book.exercises.place page, one, one['title']
      list.document.register :refs, [block.id, block]
      block
    end
  end

  # chapter-map::all[]: what the front page shows of every chapter.
  class ChapterMapMacro < BlockMacro
    named :'chapter-map'
  end

  # plot::triggers[title="…"]: what the capacity lab has measured.
  class PlotMacro < BlockMacro
    named :plot
  end

  # measurements::echo[] or measurements::echo[field="cpu_ratio"]: as a table.
  class MeasurementsMacro < BlockMacro
    named :measurements
  end

  # machine::[]: what the book's figures were measured on.
  class MachineMacro < BlockMacro
    named :machine
  end

  # measured:triggers[row="64 clients, 64 B",server="05-edge",field="cpu_us"]: a
  # figure; with of="05-level" or of-row="…" a multiple of that one's.
  class MeasuredMacro < InlineMacro
    named :measured

    def process(parent, target, attributes)
      create_inline parent, :measured, '', target: target, attributes: attributes
    end
  end

  # term:readiness[] or term:readiness[ready]: a word of the glossary.
  class TermMacro < InlineMacro
    named :term
    name_positional_attributes 'text'
  end

  # call:poll[]: a system call, as code.
  class CallMacro < InlineMacro
    named :call
    name_positional_attributes 'text'
  end

  # man:poll[2]: a system call, as poll(2).
  class ManMacro < InlineMacro
    named :man
    name_positional_attributes 'text'
  end

  # file:blocking_io.hpp[]: a source file, whole.
  class FileMacro < InlineMacro
    named :file
    name_positional_attributes 'text'
  end
end
