namespace DiffBir.Server.Jobs;

/// <summary>Whose an upload is, as texts that say nothing about anybody.</summary>
/// <param name="Address">Where it comes from: what a client cannot choose.</param>
/// <param name="Client">Which of the clients there; what it says of itself counts.</param>
internal readonly record struct Sender(string Address, string Client);
