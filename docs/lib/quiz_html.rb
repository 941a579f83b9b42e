# frozen_string_literal: true

module Book
  # [.quiz#id] with the question as its title and a checklist of answers, each
  # explained by what is attached to it. Without JavaScript the explanations
  # open by a click; with it, choosing an answer opens the one that belongs.
  module QuizHtml
    def quiz(node)
      id = node.id
      return lost(node, 'a quiz without an id: [.quiz#name]') unless id
      return lost(node, "quiz #{id}: no title, which is the question") unless node.title?

      list = node.blocks.find { |block| block.context == :ulist && block.option?('checklist') }
      return lost(node, "quiz #{id}: no answers, `* [ ] wrong` and `* [x] right`") unless list

      check_answers node, list
      lead = node.blocks.take_while { |block| block != list }.map(&:convert).join
      answers = list.items.each_with_index.map { |item, i| answer_html id, i, item.text, item.attr?('checked'), (item.content if item.blocks?) }
      question = %(<span class="kicker">Question #{page(node).quizzes.index(node) + 1}</span>#{node.title})
      quiz_html(id, question, answers, lead: lead)
    end

    private

    # `name`: what the browser keeps the answer under, as a `kept`. A prediction
    # is kept as a guess, which is not counted: it is done when it was tried.
    def quiz_html(id, question, answers, lead: '', name: id, kept: 'answer')
      key = kept == 'answer' ? nil : '?'
      <<~HTML
        <div class="quiz" id="#{id}" data-quiz="#{name}" data-kept="#{kept}"><fieldset><legend>#{question}</legend>#{lead}
        #{answers.join "\n"}
        <div class="answer unsure"><label><input type="radio" name="#{id}" value="unsure"><span#{data_key key}>Not sure</span></label></div>
        </fieldset><p class="verdict" role="status"></p></div>
      HTML
    end

    # `key`: the letter by which the answer is known elsewhere.
    def answer_html(id, index, text, right, why, key = nil)
      verdict = right ? 'Right' : 'Wrong'
      <<~HTML.chomp
        <div class="answer#{' right' if right}"><label><input type="radio" name="#{id}" value="#{index}"><span#{data_key key}>#{text}</span></label><details><summary>Is it?</summary><div class="why"><strong class="mark">#{verdict}.</strong> #{why}</div></details></div>
      HTML
    end

    def data_key(key) = key && %( data-key="#{key}")

    def check_answers(node, list)
      id = node.id
      right = list.items.count { |item| item.attr? 'checked' }
      problems(node).at node, "quiz #{id}: #{right} right answers instead of one" unless right == 1
      list.items.each do |item|
        text = item.instance_variable_get(:@text).to_s.lines.first.to_s.strip
        at = /#{Regexp.escape text}/
        problems(node).at item, "quiz #{id}: an answer without `[ ]` or `[x]`", at unless item.attr? 'checkbox'
        problems(node).at item, "quiz #{id}: an answer without an explanation", at unless item.blocks?
      end
    end
  end
end
