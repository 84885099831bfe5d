/** What was looked at. `fine` is false of what needs mending: the message then says what is wrong. */
export type Finding = { what: string; fine: boolean; message: string };
