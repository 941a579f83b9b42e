# frozen_string_literal: true

require 'digest'

module Book
  # Names and contents of all that the book can depend on, as one number.
  module Inputs
    FILES = '{docs,chapters,common,build/transcripts,build/traces,build/drawings,build/plots}/**/*'

    module_function

    def digest
      here = Dir[FILES, 'build/exercises.json'] + Dir["#{File.expand_path('..', __dir__)}/{build,lib/*,theme/**/*}"]
      files = here.select { |file| File.file? file }.uniq.sort
      Digest::SHA256.hexdigest(files.map { |file| "#{file} #{Digest::SHA256.file file}\n" }.join)
    end
  end
end
