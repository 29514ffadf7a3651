namespace DiffBir.Server.Models;

/// <summary>A model that exists cannot be used on this server.</summary>
/// <param name="message">A sentence with the remedy.</param>
internal sealed class ModelUnavailableException(string message) : DiffBirException(message);
