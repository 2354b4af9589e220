// A chat: a server in a thread, guests in processes of their own, over Listener and Client.
//
//   from multiprocessing.connection import Client           import { Client } from 'threadwork/multiprocessing/connection';
//   connection = Client(address, authkey=b'…')               const connection = new Client({ address, authkey });
//   connection.send(name); connection.recv()                 connection.send(name); connection.recv()

import { AuthenticationError, Process, Queue } from 'threadwork/multiprocessing';
import { Client, Listener } from 'threadwork/multiprocessing/connection';
import { Thread } from 'threadwork/threading';

const SEATS = 2;

// The server waits for all guests at once in its event loop: every blocking method has a twin that ends in Async.
async function serve(addresses, authkey) {
  const listener = new Listener({ authkey }); // without an address: a Unix socket that only this user can reach
  addresses.put(listener.address);
  const guests = new Map();
  const talks = [];
  for await (const connection of listener) {
    talks.push(relay(connection, guests));
    if (talks.length === SEATS) listener.close();
  }
  await Promise.all(talks);
  console.log('server: everybody has left');
}

async function relay(connection, guests) {
  const name = await connection.recvAsync();
  guests.set(name, connection);
  const say = async (from, line) => {
    for (const guest of guests.values()) await guest.sendAsync({ from, line });
  };
  if (guests.size === SEATS) await say('server', 'Everybody is here.');
  try {
    for (;;) await say(name, await connection.recvAsync());
  } catch (error) {
    if (error.name !== 'EOFError') throw error; // the guest has closed its end
  }
  guests.delete(name);
  connection.close();
}

// A guest simply blocks until somebody says something.
function visit(name, address, authkey, answers) {
  const connection = new Client({ address, authkey });
  connection.send(name);
  for (let line; line !== 'Bye!'; ) {
    const said = connection.recv();
    line = said.line;
    console.log(`${name} reads "${line}" from ${said.from}`);
    if (answers[line] !== undefined) connection.send(answers[line]);
  }
  connection.close();
}

const authkey = Buffer.from('only guests know it');
const addresses = new Queue();
const server = new Thread({ target: serve, args: [addresses, authkey] });
server.start();
const address = addresses.get();

try {
  new Client({ address, authkey: Buffer.from('a guess') });
} catch (error) {
  console.log(`a stranger is turned away: ${error instanceof AuthenticationError}`);
}

const ada = { 'Everybody is here.': 'Hello, Grace!', 'Hello, Ada. Does it run?': 'It does.' };
const grace = { 'Hello, Grace!': 'Hello, Ada. Does it run?', 'It does.': 'Bye!' };
const guests = [
  new Process({ target: visit, args: ['Ada', address, authkey, ada] }),
  new Process({ target: visit, args: ['Grace', address, authkey, grace] }),
];
for (const guest of guests) guest.start();
for (const guest of guests) guest.join();
server.join();
