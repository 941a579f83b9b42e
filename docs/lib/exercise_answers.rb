# frozen_string_literal: true

module Book
  # Exercises that are answered and not edited: a prediction is chosen, as in a
  # quiz, a measurement is written down. Either is then asked of the machine.
  module ExerciseAnswers
    private

    def prediction(node, one)
      answers = one['choices'].each_with_index.map do |choice, i|
        answer_html "#{node.id}-guess", i, inline(node, choice['text']), choice['right'], blocks_of(node, choice['why']), choice['key']
      end
      quiz = quiz_html("#{node.id}-guess", inline(node, one['question']), answers, name: one['name'], kept: 'guess')
      %(#{quiz}<p class="then">Then see, with your letter (<code>?</code> if you are not sure):</p>#{asking node, one, 'LETTER'})
    end

    def measurement(node, one)
      id = "#{node.id}-note"
      field = %(<p class="number"><label for="#{id}">Your number</label><input type="text" id="#{id}" data-note="#{one['name']}" autocomplete="off" inputmode="decimal"></p>)
      %(<p class="question">#{inline node, one['question']}</p>#{terminals node, one['command']}#{field}<p class="then">Then compare it with another run:</p>#{asking node, one, 'NUMBER'})
    end

    # With JavaScript the answer comes in the place of the word.
    def asking(node, one, word)
      terminals(node, "tools/workshop check #{one['id']} #{word}").sub('class="commands"', %(class="commands asking" data-word="#{word}"))
    end
  end
end
