namespace ChatMvc.Completions;

/// <summary>What a person is told of a failure: our words, and what to do next. Never the upstream's.</summary>
public static class FailureWords
{
    public static string Of(AnswerFailure failure) => failure switch
    {
        AnswerFailure.KeyRefused => "The model’s provider refused this server’s key. The operator has to look at it; this message was not counted.",
        AnswerFailure.QuotaUsed => "Answers are temporarily unavailable: this server’s account with the provider is used up. This message was not counted. Try again later.",
        AnswerFailure.Busy => "The model is asked too much right now. This message was not counted. Wait a minute, then retry.",
        AnswerFailure.UpstreamError => "The model’s server failed. This message was not counted. Retry in a moment.",
        AnswerFailure.Unreachable => "The model’s server could not be reached. This message was not counted. Retry in a moment.",
        AnswerFailure.Silent => "The model stopped answering. This message was not counted. Retry, or choose another model.",
        AnswerFailure.BrokenOff => "The connection to the model broke off. This message was not counted. Retry to get the whole answer.",
        AnswerFailure.TooLong => "The answer took too long and was ended. This message was not counted. Retry, or ask for less at once.",
        AnswerFailure.Refused => "The model’s provider declined to answer this. This message was not counted. Put it in other words.",
        AnswerFailure.Empty => "The model answered nothing. This message was not counted. Retry, or put it in other words.",
        AnswerFailure.PromptTooLong => "The conversation is too long for this model. This message was not counted. Start a new chat, or choose another model.",
        AnswerFailure.ModelMissing => "This model is not available any more. This message was not counted. Choose another one, then retry.",
        AnswerFailure.RequestRefused => "The model’s server did not accept the request. This message was not counted. Choose another model, then retry.",
        AnswerFailure.Interrupted => "The server was interrupted twice while it wrote this. This message was not counted. Retry.",
        AnswerFailure.CeilingReached => "What may be spent on answers today is spent. This message was not counted. Retry tomorrow.",
        _ => "Something failed on our side. This message was not counted. Retry in a moment.",
    };
}
