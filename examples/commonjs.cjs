// A CommonJS program: require() loads the package too. (Node 20 calls that experimental, once, on stderr.)

const { readFileSync } = require('node:fs');
const { Thread } = require('threadwork/threading');
const { Queue } = require('threadwork/queue');

const lines = new Queue();

const reader = new Thread({
  target: (file) => {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line.startsWith('const ')) lines.put(line);
    }
    lines.shutdown();
  },
  args: [__filename],
});

reader.start();
for (const line of lines) console.log(line);
