// Intercom's official Node client of the 1.x time: log in, read, answer, convert a lead.
"use strict";
const { Client } = require("intercom-client");

async function main() {
  const client = new Client({ token: process.env.TOKEN });
  client.useRequestOpts({ baseUrl: process.env.BASE_URL, headers: { "Intercom-Version": "1.4" } });
  const admins = (await client.admins.list()).body.admins;
  const lead = (await client.leads.create({ email: "new@example.net" })).body;
  await client.leads.convert({ contact: { user_id: lead.user_id }, user: { email: "foreign@example.net" } });
  let page = (await client.conversations.list({})).body;
  const rows = [...page.conversations];
  for (let number = 2; number <= page.pages.total_pages; number += 1) {
    rows.push(...(await client.conversations.list({ page: number })).body.conversations);
  }
  await client.conversations.reply({
    id: rows[0].id, type: "admin", admin_id: admins[0].id, message_type: "note", body: "from afar",
  });
  let parts = 0;
  for (const row of rows) {
    const talk = (await client.conversations.find({ id: row.id })).body;
    parts += talk.conversation_parts.conversation_parts.length;
  }
  console.log(JSON.stringify({
    admins: admins.length,
    tags: (await client.tags.list()).body.tags.length,
    users: (await client.users.list()).body.total_count,
    leads: (await client.leads.list()).body.total_count,
    conversations: rows.length,
    "parts before 2.6": parts,
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
