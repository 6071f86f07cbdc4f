//! Ids in rows and binds: as the UUIDs that they are.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};
use uuid::Uuid;

use crate::domain::{
    AnnouncementId, EvaluationId, EventId, LetterId, PhaseId, SubmissionId, TeamId, TokenId,
    TrialId, TruthSetId, UserId,
};

macro_rules! as_uuid {
    ($($name:ident)*) => {$(
        impl<DB: Database> Type<DB> for $name
        where
            Uuid: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                Uuid::type_info()
            }

            fn compatible(of: &DB::TypeInfo) -> bool {
                Uuid::compatible(of)
            }
        }

        impl<'q, DB: Database> Encode<'q, DB> for $name
        where
            Uuid: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                self.uuid().encode_by_ref(buffer)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $name
        where
            Uuid: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                Uuid::decode(value).map(Self::from_uuid)
            }
        }
    )*};
}

as_uuid! { AnnouncementId EvaluationId EventId LetterId PhaseId SubmissionId TeamId TokenId TrialId TruthSetId UserId }
