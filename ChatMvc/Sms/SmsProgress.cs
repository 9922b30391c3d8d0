namespace ChatMvc.Sms;

/// <summary>How far a message came, for the person who waits for it.</summary>
/// <param name="Stage">One short word: as long as it stays, so do the others.</param>
/// <param name="Words">What the page says.</param>
/// <param name="IsTrouble">It will hardly come; the words say what to do.</param>
/// <param name="IsFinal">Nothing will change any more.</param>
public sealed record SmsProgress(string Stage, string Words, bool IsTrouble, bool IsFinal)
{
    /// <summary>What can be said to everybody: also of a message that was never meant to leave.</summary>
    public static readonly SmsProgress HandedOver = new("handed", "Handed to the carrier. Most text messages arrive within a minute.", false, false);
    private static readonly SmsProgress Again = new("again", "Your message could not be handed over yet. We try again in a moment.", false, false);
    private static readonly SmsProgress Sent = new("sent", "Sent. Your carrier has it and should deliver it any moment.", false, false);
    private static readonly SmsProgress Delivered = new("delivered", "Delivered to your phone.", false, true);

    /// <param name="sms">The message, if there is one.</param>
    /// <param name="sender">The number that our messages come from (E.164), where it is a number.</param>
    public static SmsProgress Of(SmsMessage? sms, string? sender) => sms switch
    {
        _ when SmsTrouble.InWords(sms, sender) is { } trouble => new($"{sms!.State}{sms.ErrorCode}", trouble, true, sms.State != SmsState.Unknown),
        { State: SmsState.Delivered } => Delivered,
        { State: SmsState.Waiting, NextAttemptAt: not null } => Again,
        { State: SmsState.Sent, CarrierStatus: CarrierStatuses.Sent } => Sent,
        _ => HandedOver,
    };
}
