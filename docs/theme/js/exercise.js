// The command that asks the machine takes over what was chosen or written down.
const { $ } = tick;
tick.asking = (node, answer) => {
  const asking = $('.asking', node.closest('.exercise') ?? document.createElement('p'));
  if (!asking) return;
  const command = $('.cmd', asking);
  const { word } = asking.dataset;
  asking.dataset.command ??= command.textContent;
  const quoted = answer && (/^[\w.,]+$/.test(answer) ? answer : `'${answer.replaceAll("'", "'\\''")}'`);
  command.textContent = asking.dataset.command.replace(word, () => quoted || word);
};
