const state = document.getElementById("state");
const show = (text, good) => {
  const item = document.createElement("li");
  item.textContent = text;
  item.className = good ? "good" : "bad";
  state.append(item);
};
document.getElementById("day").textContent = new Date(Date.now() + 7 * 86400000).toISOString().slice(0, 10);
Promise.allSettled([
  fetch("/health/ready").then(answer => answer.json()).then(health => {
    const missing = health.checks.filter(check => check.state !== "healthy").map(check => check.name);
    return { text: missing.length ? `not ready: ${missing.join(", ")}` : "all services ready", good: missing.length === 0 };
  }),
  fetch("/v1/operations/world").then(answer => answer.json())
    .then(world => ({ text: `${world.published.toLocaleString("en")} flights published`, good: world.state === "ready" })),
  fetch("/v1/flight-searches/index").then(answer => answer.json()).then(index => ({ text: `${index.flights.toLocaleString("en")} searchable`, good: true })),
]).then(answers => {
  state.replaceChildren();
  for (const answer of answers) {
    show(answer.value?.text ?? "no answer", answer.value?.good ?? false);
  }
});
