// Intercom's official Node client of the 2.x time: read everything, search, answer.
"use strict";
const { IntercomClient } = require("intercom-client");

async function all(pager) {
  const rows = [];
  for await (const row of pager) rows.push(row);
  return rows;
}

async function main() {
  const client = new IntercomClient({ token: process.env.TOKEN, baseUrl: process.env.BASE_URL });
  const rows = await all(await client.conversations.list({}));
  const query = { field: "updated_at", operator: ">", value: "0" };
  const found = await all(await client.conversations.search({ query }));
  if (found.length !== rows.length) throw new Error("the search and the list differ");
  const { admins } = await client.admins.list();
  const body = { message_type: "note", type: "admin", admin_id: admins[0].id, body: "from afar" };
  await client.conversations.reply({ conversation_id: rows[0].id, body });
  let parts = 0;
  for (const row of rows) {
    const talk = await client.conversations.find({ conversation_id: row.id });
    parts += talk.conversation_parts.conversation_parts.length;
  }
  console.log(JSON.stringify({
    admins: admins.length,
    teams: (await client.teams.list()).teams.length,
    tags: (await client.tags.list()).data.length,
    contacts: (await all(await client.contacts.list({}))).length,
    conversations: rows.length,
    parts,
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
