using System.Diagnostics;

namespace ChatMvc.Shared;

/// <summary>
/// Tells whoever listens in this process how far a message, a webhook or a backup has come. Benchmarks time by it and crash tests end the process
/// at a named step; without a listener a step costs nothing.
/// </summary>
public static class Steps
{
    public const string Source = "ChatMvc.Steps";
    public const string MessageAccepted = nameof(MessageAccepted);
    public const string AnswerClaimed = nameof(AnswerClaimed);
    public const string FirstToken = nameof(FirstToken);
    public const string LastToken = nameof(LastToken);
    public const string AnswerFinished = nameof(AnswerFinished);
    /// <summary>One that is acted on.</summary>
    public const string WebhookStored = nameof(WebhookStored);
    /// <summary>The copy before a migration is whole and has not its name yet.</summary>
    public const string MigrationCopied = nameof(MigrationCopied);
    /// <summary>A backup is whole and has not its name yet.</summary>
    public const string BackupWritten = nameof(BackupWritten);
    /// <summary>What was there is set aside, and the backup not in its place yet.</summary>
    public const string SetAside = nameof(SetAside);

    private static readonly DiagnosticListener Listener = new(Source);

    /// <param name="step">One of the constants.</param>
    /// <param name="messageId">The answer's id, where it is about one.</param>
    public static void Reached(string step, long messageId = 0)
    {
        if (Listener.IsEnabled(step)) Listener.Write(step, messageId);
    }
}
