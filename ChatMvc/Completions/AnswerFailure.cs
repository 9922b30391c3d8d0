namespace ChatMvc.Completions;

/// <summary>Why an answer failed: the reason that is stored. The upstream's own words are shown to nobody.</summary>
public enum AnswerFailure
{
    /// <summary>401 or 403: the operator's key is refused.</summary>
    KeyRefused,
    /// <summary>429 of type <c>insufficient_quota</c>: the operator's account is empty.</summary>
    QuotaUsed,
    /// <summary>429 for the rate, also after waiting.</summary>
    Busy,
    /// <summary>5xx.</summary>
    UpstreamError,
    /// <summary>Refused connection, name not found, bad certificate.</summary>
    Unreachable,
    /// <summary>No first token in time, or silence within the answer.</summary>
    Silent,
    /// <summary>The stream was cut, malformed or ended by an error event.</summary>
    BrokenOff,
    /// <summary>The answer took longer, or grew larger, than is allowed.</summary>
    TooLong,
    /// <summary>The provider's content filter, or the model's refusal without a word.</summary>
    Refused,
    Empty,
    /// <summary>400 <c>context_length_exceeded</c>, or 413.</summary>
    PromptTooLong,
    /// <summary>404: the model is not there (any more).</summary>
    ModelMissing,
    /// <summary>Any other 4xx.</summary>
    RequestRefused,
    /// <summary>The server ended twice in the middle of it.</summary>
    Interrupted,
    /// <summary>A repetition would have gone beyond the operator's ceiling of the day.</summary>
    CeilingReached,
    /// <summary>A fault of our own.</summary>
    Internal,
}
