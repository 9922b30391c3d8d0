namespace ChatMvc.Chats.Attachments;

/// <summary>What may come with messages. The README says the same.</summary>
public static class FileLimits
{
    public const int PerMessage = 10;
    public const int ImageBytes = 10_000_000;
    /// <summary>As UTF-8.</summary>
    public const int TextBytes = 200_000;
    /// <summary>Of the files of one message together.</summary>
    public const int PostBytes = 20_000_000;
    /// <summary>Of the whole request: the frame of each part, and the text beside them.</summary>
    public const long RequestBytes = PostBytes + 1_000_000;
    /// <summary>A larger request is read up to here for its text alone; beyond it, not at all.</summary>
    public const long ReadBytes = 100_000_000;
    /// <summary>Pixels of the longer side.</summary>
    public const int Side = 16_384;
    /// <summary>What a browser unpacks to four bytes each.</summary>
    public const long Pixels = 64_000_000;
    /// <summary>Of all images in one prompt: what an upstream takes, and what 500 answers at once may hold in memory.</summary>
    public const int PromptImageBytes = 20_000_000;
    /// <summary>Of all that one person keeps here.</summary>
    public const long PersonBytes = 1_000_000_000;
    /// <summary>Of one person, uploaded and not sent.</summary>
    public const int Unsent = 50;
    public static readonly TimeSpan UnsentLifetime = TimeSpan.FromDays(1);
}
